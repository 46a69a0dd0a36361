#include "tests/unit/publisher_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mem.h"

uv_loop_t loop;
struct mqtt mqtt;
struct topics topics;
struct publisher *publisher;
struct outlet_box box;
struct outlet outlets[OUTLETS];

struct told told;

static char *format(void *arg, enum document document)
{
	assert_ptr_equal(arg, &told);
	told.documents++;
	return document == DOCUMENT_AVAILABILITY ? mem_copy("online")
						 : mem_printf("{\"n\":%d}", told.documents);
}

static enum publisher_found find_announcement(
	void *arg, struct publisher_announcement *announcement)
{
	(void)arg;
	if (told.announced == told.announcements) {
		return PUBLISHER_NOTHING;
	}
	if (++told.looks % 2 == 1) {
		return PUBLISHER_LOOK_AGAIN;
	}
	(void)snprintf(announcement->topic, sizeof announcement->topic, "ha/%d", told.announced);
	announcement->payload = "{}";
	announcement->payload_size = 2;
	announcement->key = (uint64_t)told.announced;
	return PUBLISHER_FOUND;
}

static void on_announced(void *arg, uint64_t key, enum publisher_fate fate)
{
	int *const counts[] = { [PUBLISHER_SENT] = &told.announced,
		[PUBLISHER_DELIVERED] = &told.delivered,
		[PUBLISHER_LOST] = &told.lost,
		[PUBLISHER_REFUSED] = &told.refused };

	(void)arg;
	assert_true(fate != PUBLISHER_SENT || key == (uint64_t)told.announced);
	++*counts[fate];
}

static void on_cleared(void *arg)
{
	(void)arg;
	told.cleared++;
}

static void on_slice(void *arg)
{
	(void)arg;
	told.slices++;
	if (told.on_slice) {
		told.on_slice();
	}
}

static void on_refused(void *arg, const char *topic, int reason)
{
	(void)arg;
	told.refusals++;
	assert_int_equal(reason, NOT_AUTHORISED);
	(void)snprintf(told.refused_topic, sizeof told.refused_topic, "%s", topic);
}

static const struct publisher_events events = { format, find_announcement, on_announced, on_cleared,
	on_slice, on_refused };

int publisher_rig_setup(void **state)
{
	(void)state;
	memset(&told, 0, sizeof told);
	uv_loop_init(&loop);
	mqtt_sink_init(&mqtt);
	topics_init(&topics, "m", "main");
	box = (struct outlet_box) { .is_online = true, .has_rssi = true, .rssi_dbm = -60 };
	for (size_t i = 0; i < OUTLETS; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "%03zu", i);
		outlet_init(&outlets[i], name, &box);
		(void)outlet_take_state(&outlets[i], false);
	}
	publisher = publisher_new(&loop, &events, &told);
	publisher_configure(publisher, 0, HEARTBEAT_MS);
	publisher_connect(publisher, &mqtt, &topics);
	return 0;
}

int publisher_rig_teardown(void **state)
{
	(void)state;
	publisher_close(publisher);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	for (size_t i = 0; i < OUTLETS; i++) {
		outlet_clear(&outlets[i]);
	}
	topics_clear(&topics);
	mqtt_sink_clear(&mqtt);
	return 0;
}

struct publisher_message message(const char *topic, const char *payload)
{
	return (struct publisher_message) { .topic = topic, .payload = payload };
}

void send_text(const char *topic, const char *payload)
{
	const struct publisher_message text = message(topic, payload);

	publisher_send(publisher, &text);
}

void pump_all(void)
{
	publisher_pump(publisher);
	while (uv_run(&loop, UV_RUN_NOWAIT) != 0) {
	}
}

void expect_sent(const char *expected)
{
	char *lines = NULL;

	pump_all();
	lines = mqtt_sink_lines(&mqtt);
	assert_string_equal(lines, expected);
	free(lines);
	mqtt_sink_forget(&mqtt);
}

void deliver(uint64_t tag)
{
	publisher_on_published(publisher, tag, true, 0);
}

void lose(const uint64_t *tags, size_t count)
{
	mqtt.is_connected = false;
	for (size_t i = 0; i < count; i++) {
		publisher_on_published(publisher, tags[i], false, 0);
	}
	mqtt.is_connected = true;
}

size_t take_tags(uint64_t tags[static MQTT_WINDOW])
{
	size_t count = 0;

	for (size_t i = 0; i < mqtt.sent_count; i++) {
		if (mqtt.sent[i].qos > 0) {
			assert_true(count < MQTT_WINDOW);
			tags[count++] = mqtt.sent[i].tag;
		}
	}
	return count;
}

void deliver_everything(void)
{
	size_t done = 0;

	publisher_pump(publisher);
	while (done < mqtt.sent_count || !publisher_is_idle(publisher)) {
		for (; done < mqtt.sent_count; done++) {
			if (mqtt.sent[done].qos > 0) {
				deliver(mqtt.sent[done].tag);
			}
		}
		uv_run(&loop, UV_RUN_NOWAIT);
	}
}
