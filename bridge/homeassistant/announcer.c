#include "bridge/homeassistant/announcer.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/homeassistant/subject.h"
#include "bridge/homeassistant/sweep.h"
#include "bridge/homeassistant/writer.h"
#include "bridge/mem.h"

enum {
	/* How often pauses are looked at. */
	LOOK_MS = 100,
	/* Home Assistant asks for some chance in the answer to its start, so that not all programs
	 * send at once. */
	STARTED_SPREAD_MS = 1000,
	/* What nobody claims may be a device whose MAC is not known yet; it has this long to tell.
	 */
	UNKNOWN_KEPT_MS = 30 * 1000,
};

struct announcer {
	struct announcer_host host;
	bool is_on;
	char *prefix;
	struct subject *subjects; /* by device; the bridge first */
	size_t count;
	size_t next;	      /* where the search for work goes on */
	uint32_t generation;  /* of the subjects */
	uint64_t sweep_at_ms; /* 0 for no unclaimed records */
	uv_timer_t look;
	uv_timer_t started;
	int open_handles;
	struct writer writer;
};

static uint64_t now_ms(const struct announcer *announcer)
{
	return uv_now(announcer->host.loop);
}

static const char *bridge_id(const struct announcer *announcer)
{
	return announcer->host.topics->bridge_id;
}

static void pump(struct announcer *announcer)
{
	publisher_mark_announcements(announcer->host.publisher);
	publisher_pump(announcer->host.publisher);
}

static void on_look(uv_timer_t *timer);

static void look_later(struct announcer *announcer)
{
	if (!uv_is_active((uv_handle_t *)&announcer->look)) {
		uv_timer_start(&announcer->look, on_look, LOOK_MS, LOOK_MS);
	}
}

/* What the broker keeps of a device whose id is known now. */
static bool identify(struct announcer *announcer, struct subject *subject)
{
	const enum record_form other =
		announcer->writer.form == RECORD_DEVICE ? RECORD_COMPONENTS : RECORD_DEVICE;
	const struct store *store = announcer->host.store;
	char id[HOMEASSISTANT_ID_BYTES];

	if (!subject->is_identified && subject_id(subject, bridge_id(announcer), id)) {
		subject->is_identified = true;
		subject->announced =
			(uint16_t)record_find(store, id, announcer->writer.form, announcer->prefix);
		subject->old = (uint16_t)record_find(store, id, other, announcer->prefix);
	}
	return subject->is_identified;
}

static void write_record(
	struct announcer *announcer, const char *id, enum record_form form, uint32_t components)
{
	struct record record = {
		.form = form, .components = components, .prefix = announcer->prefix
	};

	memcpy(record.id, id, sizeof record.id);
	record_set(announcer->host.store, &record);
}

static bool has_unknown(const struct announcer *announcer)
{
	char id[HOMEASSISTANT_ID_BYTES];

	for (size_t i = 0; i < announcer->count; i++) {
		if (!subject_id(&announcer->subjects[i], bridge_id(announcer), id)) {
			return true;
		}
	}
	return false;
}

/* Clears what no device claims, but not while there may be one that does. */
static void sweep(struct announcer *announcer, bool may_wait)
{
	struct store *store = announcer->host.store;

	announcer->sweep_at_ms = 0;
	sweep_begin(store);
	for (size_t i = 0; i < announcer->count; i++) {
		char id[HOMEASSISTANT_ID_BYTES];

		if (subject_id(&announcer->subjects[i], bridge_id(announcer), id)) {
			record_claim(store, id, announcer->prefix);
		}
	}
	if (!may_wait || !has_unknown(announcer)) {
		sweep_clear(store, announcer->host.publisher);
	} else if (sweep_keep(store)) {
		announcer->sweep_at_ms = now_ms(announcer) + UNKNOWN_KEPT_MS;
		look_later(announcer);
	}
}

static int compare_subjects(const void *a, const void *b)
{
	const struct subject *left = a;
	const struct subject *right = b;

	if (left->device != right->device) {
		return (uintptr_t)left->device < (uintptr_t)right->device ? -1 : 1;
	}
	return (int)left->outlet - (int)right->outlet;
}

static size_t subject_count(const struct device *device)
{
	return device->is_strip ? 1 + device->outlet_count : 1;
}

static void make_subjects(
	struct announcer *announcer, struct device *const *devices, size_t device_count)
{
	size_t count = 1;

	for (size_t i = 0; i < device_count; i++) {
		count += subject_count(devices[i]);
	}
	announcer->subjects = mem_array(count, sizeof *announcer->subjects);
	announcer->count = 1;
	for (size_t i = 0; i < device_count; i++) {
		for (size_t j = 0; j < subject_count(devices[i]); j++) {
			announcer->subjects[announcer->count++] =
				(struct subject) { .device = devices[i], .outlet = (uint8_t)j };
		}
	}
	qsort(announcer->subjects, announcer->count, sizeof *announcer->subjects, compare_subjects);
}

/* Takes the hash of what goes on as it was, so that only changes are sent. */
static void take_over(struct announcer *announcer, const struct subject *old, size_t old_count)
{
	for (size_t i = 0; i < announcer->count && old_count > 0; i++) {
		struct subject *subject = &announcer->subjects[i];
		const struct subject *before =
			bsearch(subject, old, old_count, sizeof *old, compare_subjects);

		/* What was on its way is sent again: nobody will hear how it fared. */
		if (before && before->step == SUBJECT_IDLE) {
			subject->hash = before->hash;
		}
	}
}

void announcer_forget_devices(struct announcer *announcer)
{
	free(announcer->subjects);
	announcer->subjects = NULL;
	announcer->count = 0;
	announcer->next = 0;
	announcer->generation++;
}

static void begin(struct announcer *announcer, struct subject *subject, bool is_forced)
{
	struct homeassistant_device description;
	struct subject_texts texts;

	if (identify(announcer, subject) &&
		subject_describe(subject, bridge_id(announcer), &description, &texts)) {
		subject_begin(subject, is_forced);
	}
}

static void begin_all(struct announcer *announcer)
{
	for (size_t i = 0; i < announcer->count; i++) {
		begin(announcer, &announcer->subjects[i], false);
	}
	pump(announcer);
}

void announcer_configure(struct announcer *announcer, const struct config_homeassistant *config,
	struct device *const *devices, size_t device_count)
{
	const enum record_form form =
		config->discovery == CONFIG_HA_DEVICE ? RECORD_DEVICE : RECORD_COMPONENTS;
	const bool is_elsewhere =
		mem_replace(&announcer->prefix, config->prefix) || form != announcer->writer.form;
	struct subject *old = announcer->subjects;
	const size_t old_count = announcer->count;

	announcer->subjects = NULL;
	announcer_forget_devices(announcer);
	announcer->is_on = config->discovery != CONFIG_HA_OFF;
	announcer->writer.form = form;
	announcer->writer.place = (struct homeassistant_place) {
		.prefix = announcer->prefix,
		.topics = announcer->host.topics,
		.version = announcer->host.version,
	};
	if (announcer->is_on) {
		make_subjects(announcer, devices, device_count);
		take_over(announcer, old, is_elsewhere ? 0 : old_count);
	}
	free(old);
	sweep(announcer, true);
	begin_all(announcer);
}

void announcer_look(struct announcer *announcer, const struct device *device)
{
	const struct subject key = { .device = device };
	struct subject *subject = announcer->count > 0
					  ? bsearch(&key, announcer->subjects, announcer->count,
						    sizeof key, compare_subjects)
					  : NULL;
	const struct subject *end = announcer->subjects + announcer->count;

	for (; subject && subject < end && subject->device == device; subject++) {
		begin(announcer, subject, false);
	}
	publisher_mark_announcements(announcer->host.publisher);
}

void announcer_repeat(struct announcer *announcer)
{
	announcer->next = 0;
	for (size_t i = 0; i < announcer->count; i++) {
		struct subject *subject = &announcer->subjects[i];

		if (subject->step != SUBJECT_IDLE) {
			subject_restart(subject);
		} else {
			begin(announcer, subject, true);
		}
	}
	publisher_mark_announcements(announcer->host.publisher);
}

static void on_started(uv_timer_t *timer)
{
	struct announcer *announcer = timer->data;

	announcer_repeat(announcer);
	announcer->host.on_started(announcer->host.arg);
}

bool announcer_take_status(struct announcer *announcer, const struct mqtt_message *message)
{
	char topic[TOPIC_MAX_BYTES];
	uint32_t chance = 0;

	if (!announcer->is_on ||
		strcmp(message->topic, homeassistant_status_topic(announcer->prefix, topic)) != 0) {
		return false;
	}
	/* A retained one is old: everything was sent at the connect that brought it. */
	if (!message->is_retained && message->payload && strcmp(message->payload, "online") == 0) {
		(void)uv_random(NULL, NULL, &chance, sizeof chance, 0, NULL);
		uv_timer_start(
			&announcer->started, on_started, chance % (STARTED_SPREAD_MS + 1), 0);
	}
	return true;
}

/* The first message of a configuration: false when the broker has it already. */
static bool is_wanted(struct announcer *announcer, struct subject *subject,
	const struct homeassistant_device *description)
{
	subject->next_hash = writer_hash(&announcer->writer, description);
	if (!subject->is_forced && subject->next_hash == subject->hash &&
		subject->announced == description->components && subject->old == 0) {
		return false;
	}
	write_record(announcer, description->id, announcer->writer.form,
		description->components | subject->announced);
	return true;
}

static void go_on(struct announcer *announcer, struct subject *subject, enum subject_step step)
{
	subject->step = (uint8_t)step;
	subject->cursor = 0;
	if (step != SUBJECT_IDLE) {
		subject->pause_until_ms = now_ms(announcer) + SUBJECT_PAUSE_MS;
		look_later(announcer);
	} else if (subject->is_again) {
		subject->is_again = false;
		subject_begin(subject, false);
	}
}

static void end_step(struct announcer *announcer, struct subject *subject)
{
	struct homeassistant_device description;
	struct subject_texts texts;
	bool has_gone = false;

	(void)subject_describe(subject, bridge_id(announcer), &description, &texts);
	switch ((enum subject_step)subject->step) {
	case SUBJECT_MIGRATE:
		subject->is_forced = true;
		go_on(announcer, subject, SUBJECT_CONFIG);
		break;
	case SUBJECT_CONFIG:
		has_gone = subject->announced & ~description.components;
		subject->hash = subject->next_hash;
		subject->announced = (uint16_t)description.components;
		write_record(announcer, texts.id, announcer->writer.form, description.components);
		/* Home Assistant wants to see what is gone named once, and then no more. */
		if (has_gone && announcer->writer.form == RECORD_DEVICE) {
			go_on(announcer, subject, SUBJECT_CONFIG);
		} else {
			go_on(announcer, subject, subject->old != 0 ? SUBJECT_CLEAR : SUBJECT_IDLE);
		}
		break;
	case SUBJECT_CLEAR:
		subject->old = 0;
		write_record(announcer, texts.id,
			announcer->writer.form == RECORD_DEVICE ? RECORD_COMPONENTS : RECORD_DEVICE,
			0);
		go_on(announcer, subject, SUBJECT_IDLE);
		break;
	case SUBJECT_IDLE:
		break;
	}
}

/* The bridge, to which all others refer, before them. */
static struct subject *find_due(struct announcer *announcer)
{
	if (announcer->count > 0 && subject_is_due(&announcer->subjects[0])) {
		return &announcer->subjects[0];
	}
	for (size_t i = 0; i < announcer->count; i++) {
		const size_t at = (announcer->next + i) % announcer->count;

		if (subject_is_due(&announcer->subjects[at])) {
			announcer->next = at;
			return &announcer->subjects[at];
		}
	}
	return NULL;
}

enum publisher_found announcer_find(
	struct announcer *announcer, struct publisher_announcement *announcement)
{
	struct subject *subject = find_due(announcer);
	struct homeassistant_device description;
	struct subject_texts texts;

	if (!subject) {
		return PUBLISHER_NOTHING;
	}
	(void)subject_describe(subject, bridge_id(announcer), &description, &texts);
	description.gone = subject->announced & ~description.components;
	if (subject->step == SUBJECT_CONFIG && subject->cursor == 0 && subject->in_flight == 0 &&
		!is_wanted(announcer, subject, &description)) {
		go_on(announcer, subject, SUBJECT_IDLE);
		return PUBLISHER_LOOK_AGAIN;
	}
	writer_write(&announcer->writer, subject, &description, announcement);
	announcement->key =
		(uint64_t)announcer->generation << 32 | (uint64_t)(subject - announcer->subjects);
	return PUBLISHER_FOUND;
}

void announcer_on_announced(struct announcer *announcer, uint64_t key, enum publisher_fate fate)
{
	struct homeassistant_device description;
	struct subject_texts texts;
	struct subject_message message;
	struct subject *subject = NULL;

	if (key >> 32 != announcer->generation) {
		return;
	}
	subject = &announcer->subjects[key & UINT32_MAX];
	if (fate == PUBLISHER_SENT) {
		(void)subject_describe(subject, bridge_id(announcer), &description, &texts);
		message = subject_message(subject, announcer->writer.form, description.components);
		subject_sent(subject, &message);
		subject->is_forced = subject->is_forced && subject->step == SUBJECT_MIGRATE;
		return;
	}
	if (subject_landed(subject, fate == PUBLISHER_LOST)) {
		end_step(announcer, subject);
	}
	publisher_mark_announcements(announcer->host.publisher);
}

/* Ends the pauses that are over; true while others last. */
static bool end_pauses(struct announcer *announcer)
{
	const uint64_t now = now_ms(announcer);
	bool is_pausing = false;

	for (size_t i = 0; i < announcer->count; i++) {
		struct subject *subject = &announcer->subjects[i];

		if (subject->pause_until_ms > now) {
			is_pausing = true;
		} else {
			subject->pause_until_ms = 0;
		}
	}
	return is_pausing;
}

static void on_look(uv_timer_t *timer)
{
	struct announcer *announcer = timer->data;
	const bool is_pausing = end_pauses(announcer);

	if (announcer->sweep_at_ms != 0 &&
		(now_ms(announcer) >= announcer->sweep_at_ms || !has_unknown(announcer))) {
		sweep(announcer, false);
	}
	if (!is_pausing && announcer->sweep_at_ms == 0) {
		uv_timer_stop(timer);
	}
	pump(announcer);
}

static void on_closed(uv_handle_t *handle)
{
	struct announcer *announcer = handle->data;

	if (--announcer->open_handles == 0) {
		announcer_forget_devices(announcer);
		free(announcer->prefix);
		free(announcer);
	}
}

struct announcer *announcer_new(const struct announcer_host *host)
{
	struct announcer *announcer = mem_new(sizeof *announcer);
	uv_timer_t *const timers[] = { &announcer->look, &announcer->started };

	announcer->host = *host;
	for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
		uv_timer_init(host->loop, timers[i]);
		timers[i]->data = announcer;
		announcer->open_handles++;
	}
	return announcer;
}

void announcer_close(struct announcer *announcer)
{
	if (announcer) {
		announcer_forget_devices(announcer);
		uv_close((uv_handle_t *)&announcer->look, on_closed);
		uv_close((uv_handle_t *)&announcer->started, on_closed);
	}
}
