/* history and explain: what is known of one outlet, as data and in sentences. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/requests/request.h"
#include "bridge/text.h"
#include "protocol/json.h"

enum {
	ENTRY_BYTES = 256,
	/* A byte of text takes at most six in JSON. */
	ESCAPE_BYTES = 6,
	SENTENCE_BYTES = 1024,
	SENTENCES_MAX = 10,
	SPAN_BYTES = 32,
	/* Usual judgement of Wi-Fi: from here down it gets fair, then weak. */
	SIGNAL_FAIR_DBM = -67,
	SIGNAL_WEAK_DBM = -75,
};

/* The outlet that the request names, or NULL and the request has failed. */
static struct outlet *named_outlet(struct request *request)
{
	const char *name = NULL;
	struct outlet *outlet = NULL;

	if (!plug_json_string(request->arguments, "name", &name)) {
		request_fail(request, "say which outlet: {\"name\":\"...\"}");
		return NULL;
	}
	outlet = bridge_find_outlet(request->bridge, name);
	if (!outlet) {
		request_fail(request, "this bridge has no outlet '%.32s': ask for inventory", name);
	}
	return outlet;
}

static void put_entry(struct text *text, const struct history_entry *entry)
{
	text_open(text, NULL, '{');
	text_member_time(text, "time", entry->wall_ms);
	if (entry->kind == HISTORY_RELAY) {
		text_member_string(text, "state", entry->is_on ? "ON" : "OFF");
		text_member_string(text, "cause", cause_name((enum cause)entry->cause));
	} else {
		text_member_string(
			text, "availability", entry->kind == HISTORY_ONLINE ? "online" : "offline");
	}
	if (entry->words) {
		text_member_string(
			text, entry->kind == HISTORY_RELAY ? "source" : "reason", entry->words);
	}
	text_close(text, '}');
}

void request_history(struct request *request)
{
	const struct outlet *outlet = named_outlet(request);
	const size_t count = outlet ? history_count(outlet->history) : 0;
	size_t capacity = ENTRY_BYTES;
	struct text text;

	if (!outlet) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *words = history_at(outlet->history, i)->words;

		capacity += ENTRY_BYTES + (words ? ESCAPE_BYTES * strlen(words) : 0);
	}
	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_member_string(&text, "name", outlet->name);
	text_open(&text, "history", '[');
	for (size_t i = 0; i < count; i++) {
		put_entry(&text, history_at(outlet->history, i));
	}
	text_close(&text, ']');
	text_close(&text, '}');
	request_answer(request, text.bytes);
	free(text.bytes);
}

/* Sentences. Each function says one thing, or nothing where there is nothing to say. */

static void __attribute__((format(printf, 2, 3))) say(struct text *text, const char *format, ...)
{
	char sentence[SENTENCE_BYTES];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof sentence, format, arguments);
	va_end(arguments);
	text_member_string(text, NULL, sentence);
}

/* "3 s", "5 min", "2 h", "3 days" */
static const char *span(int64_t span_ms, char words[static SPAN_BYTES])
{
	static const struct {
		int64_t unit_ms;
		const char *unit;
	} units[] = {
		{ 86400 * 1000LL, "days" },
		{ 3600 * 1000LL, "h" },
		{ 60 * 1000LL, "min" },
		{ 1000, "s" },
	};
	size_t i = 0;

	while (i + 1 < sizeof units / sizeof units[0] && span_ms < 2 * units[i].unit_ms) {
		i++;
	}
	(void)snprintf(words, SPAN_BYTES, "%lld %s",
		(long long)(span_ms > 0 ? span_ms / units[i].unit_ms : 0), units[i].unit);
	return words;
}

static void say_state(struct text *text, const struct outlet *outlet, uint64_t now_ms)
{
	const struct outlet_box *box = outlet->box;
	const char *state = outlet->is_on ? "on" : "off";
	char age[SPAN_BYTES];

	if (!outlet->has_state) {
		say(text, "%s (%s) has not been read since the bridge started.", outlet->label,
			outlet->name);
		return;
	}
	(void)span((int64_t)(now_ms - box->read_ms), age);
	if (box->is_online) {
		say(text, "%s (%s) is %s: its device, a %s, said so %s ago.", outlet->label,
			outlet->name, state, box->model, age);
	} else {
		say(text, "%s (%s) was %s when its device, a %s, was last heard of, %s ago.",
			outlet->label, outlet->name, state, box->model, age);
	}
}

static void say_offline(struct text *text, const struct outlet *outlet)
{
	if (!outlet->box->is_online) {
		say(text, "The device is offline: %s.", outlet->box->reason);
	}
}

static void say_move(struct text *text, const struct outlet *outlet)
{
	const struct history_entry *move = history_last_move(outlet->history);
	char age[SPAN_BYTES];

	if (!move) {
		say(text, "It has not moved since the bridge started.");
		return;
	}
	say(text, "It was switched %s %s ago %s%s%s.", move->is_on ? "on" : "off",
		span(bridge_wall_ms() - move->wall_ms, age), cause_words((enum cause)move->cause),
		move->words ? " of " : "", move->words ? move->words : "");
}

static void say_next(struct text *text, const struct outlet *outlet)
{
	const struct cause_view *seen = &outlet->seen;

	if (seen->next_kind != PLUG_NEXT_NONE && seen->next_at_s < 0) {
		say(text, "A countdown that the device keeps is running.");
	} else if (seen->next_kind != PLUG_NEXT_NONE) {
		say(text, "The device itself will switch it %s at %02d:%02d by its %s.",
			seen->next_is_on ? "on" : "off", seen->next_at_s / 3600,
			seen->next_at_s / 60 % 60,
			seen->next_kind == PLUG_NEXT_COUNTDOWN ? "countdown" : "schedule");
	}
}

static void say_order(
	struct text *text, const struct order *order, const char *how, uint64_t now_ms)
{
	char age[SPAN_BYTES];
	char left[SPAN_BYTES];

	if (order) {
		say(text, "A command %s%s%s %s since %s and will be given up in %s.",
			order_kind_text(order->kind), order->source ? " of " : "",
			order->source ? order->source : "", how,
			span((int64_t)(now_ms - order->arrived_ms), age),
			span((int64_t)order->deadline_ms - (int64_t)now_ms, left));
	}
}

static void say_readings(struct text *text, const struct outlet *outlet)
{
	const struct outlet_readings now = outlet_current_readings(outlet);

	if (now.has_power) {
		say(text, "It takes %.1f W now.", now.power_mw / 1000.0);
	}
	if (now.has_energy_today) {
		say(text, "It has used %.3f kWh today.", (double)now.energy_today_wh / 1000);
	}
}

static void say_signal(struct text *text, const struct outlet *outlet)
{
	const int rssi_dbm = outlet->box->rssi_dbm;
	const char *judgement = "good";

	if (!outlet->box->has_rssi) {
		return;
	}
	if (rssi_dbm < SIGNAL_WEAK_DBM) {
		judgement = "weak: commands may need several attempts";
	} else if (rssi_dbm < SIGNAL_FAIR_DBM) {
		judgement = "fair";
	}
	say(text, "Its Wi-Fi signal was %d dBm: %s.", rssi_dbm, judgement);
}

static void say_identity(struct text *text, const struct device *device)
{
	if (!device->is_mac_configured) {
		say(text,
			"No MAC is configured for %s: pin it, so that no other device is taken for "
			"it.",
			device->name);
	}
}

void request_explain(struct request *request)
{
	/* The clock that orders and devices count with. */
	const uint64_t now_ms = uv_now(&request->bridge->loop);
	const struct outlet *outlet = named_outlet(request);
	const size_t capacity = (SENTENCES_MAX + 1) * 6 * SENTENCE_BYTES;
	struct text text;

	if (!outlet) {
		return;
	}
	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_member_string(&text, "name", outlet->name);
	text_open(&text, "sentences", '[');
	say_state(&text, outlet, now_ms);
	say_offline(&text, outlet);
	say_move(&text, outlet);
	say_next(&text, outlet);
	say_order(&text, outlet->orders.running, "is under way", now_ms);
	say_order(&text, outlet->orders.pending, "has been waiting", now_ms);
	say_readings(&text, outlet);
	say_signal(&text, outlet);
	say_identity(&text, outlet->box->device);
	text_close(&text, ']');
	text_close(&text, '}');
	request_answer(request, text.bytes);
	free(text.bytes);
}
