#include "tests/sim/control/verb.h"

#include "protocol/json.h"
#include "tests/sim/control/counters.h"
#include "tests/sim/control/hands.h"
#include "tests/sim/control/say.h"
#include "tests/sim/control/state.h"

#include <stdlib.h>
#include <string.h>

/* Members of a line that are not parameters of what it does. */
static const char *const addressing[] = { "verb", "device", NULL };
static const char *const fault_addressing[] = { "verb", "device", "fault", NULL };

static void add_brief(struct sim_site *site, struct sim_text *out)
{
	sim_state_add_brief(site, out);
}

static void list(struct sim_talk *talk, const struct sim_selection *selection)
{
	sim_say_each(talk->out, selection, add_brief);
}

static void get(struct sim_talk *talk, const struct sim_selection *selection)
{
	sim_say_each(talk->out, selection, sim_state_add_all);
}

static void set(struct sim_talk *talk, const struct sim_selection *selection)
{
	struct sim_settings settings;
	const char *error = sim_settings_read(talk->line, addressing, &settings);

	if (error) {
		sim_say_no(talk->out, "cannot set, or not to that", error);
		return;
	}
	for (size_t i = 0; i < selection->count && !error; i++) {
		error = sim_settings_check(&settings, selection->sites[i]);
	}
	if (error) {
		sim_say_no(talk->out, error, NULL);
		return;
	}
	for (size_t i = 0; i < selection->count; i++) {
		sim_settings_apply(&settings, selection->sites[i]);
	}
	sim_say_count(talk->out, selection);
}

/* Finds the fault that a line names; answers when there is none. */
static bool read_kind(struct sim_talk *talk, enum sim_fault_kind *kind)
{
	const char *name = NULL;

	if (plug_json_string(talk->line, "fault", &name) && sim_fault_kind_find(name, kind)) {
		return true;
	}
	sim_say_no(talk->out, "no such fault (the verb faults lists them)", name);
	return false;
}

static void fault(struct sim_talk *talk, const struct sim_selection *selection)
{
	enum sim_fault_kind kind = SIM_FAULT_COUNT;
	struct sim_fault_settings settings;
	const char *error = NULL;

	if (!read_kind(talk, &kind)) {
		return;
	}
	error = sim_fault_settings_read(kind, talk->line, fault_addressing, &settings);
	if (error) {
		sim_say_no(talk->out, "this fault does not take, or not with that value", error);
		return;
	}
	for (size_t i = 0; i < selection->count; i++) {
		sim_site_set_fault(selection->sites[i], kind, &settings);
	}
	sim_fault_settings_clear(&settings);
	sim_say_count(talk->out, selection);
}

static void clear_all(struct sim_site *site)
{
	for (enum sim_fault_kind kind = 0; kind < SIM_FAULT_COUNT; kind++) {
		sim_site_clear_fault(site, kind);
	}
}

static void clear(struct sim_talk *talk, const struct sim_selection *selection)
{
	const bool is_one = json_object_object_get_ex(talk->line, "fault", NULL);
	enum sim_fault_kind kind = SIM_FAULT_COUNT;

	if (is_one && !read_kind(talk, &kind)) {
		return;
	}
	for (size_t i = 0; i < selection->count; i++) {
		if (is_one) {
			sim_site_clear_fault(selection->sites[i], kind);
		} else {
			clear_all(selection->sites[i]);
		}
	}
	sim_say_count(talk->out, selection);
}

static void faults(struct sim_talk *talk, const struct sim_selection *selection)
{
	(void)selection;
	sim_say_ok(talk->out);
	sim_text_key(talk->out, "faults");
	sim_fault_list_kinds(talk->out);
	sim_say_end(talk->out);
}

static void watch(struct sim_talk *talk, const struct sim_selection *selection)
{
	(void)selection;
	talk->is_watching = true;
	sim_say_ok(talk->out);
	sim_say_end(talk->out);
}

static void info(struct sim_talk *talk, const struct sim_selection *selection)
{
	const struct sim_server *server = talk->server;

	(void)selection;
	sim_say_ok(talk->out);
	sim_text_string(talk->out, "version", PLUG_VERSION);
	sim_text_int(talk->out, "devices", (int64_t)server->site_count);
	sim_text_int(talk->out, "port", server->port);
	sim_text_string(talk->out, "sockets", server->is_wildcard ? "shared" : "own");
	sim_text_int(talk->out, "connections", (int64_t)server->connections);
	sim_text_int(talk->out, "speed", server->speed);
	sim_text_int(talk->out, "now_ms", sim_server_now_ms(server));
	sim_text_int(talk->out, "uptime_ms", sim_server_now_ms(server) - server->started_ms);
	sim_say_end(talk->out);
}

/* Who only looks may leave "device" out: all of them. */
enum devices { NO_DEVICES, LOOKS_AT_DEVICES, CHANGES_DEVICES };

static const struct verb {
	const char *name;
	enum devices devices;
	const char *const *members; /* beside verb and device; NULL: looked at by run */
	sim_verb *run;
} verbs[] = {
#define MEMBERS(...) ((const char *const[]) { "verb", __VA_ARGS__, NULL })
	{ "info", NO_DEVICES, MEMBERS("verb"), info },
	{ "list", LOOKS_AT_DEVICES, MEMBERS("device"), list },
	{ "get", LOOKS_AT_DEVICES, MEMBERS("device"), get },
	{ "set", CHANGES_DEVICES, NULL, set },
	{ "power", CHANGES_DEVICES, MEMBERS("device", "on"), sim_hand_power },
	{ "press", CHANGES_DEVICES, MEMBERS("device", "outlet"), sim_hand_press },
	{ "reboot", CHANGES_DEVICES, MEMBERS("device"), sim_hand_reboot },
	{ "swap", CHANGES_DEVICES, MEMBERS("device"), sim_hand_swap },
	{ "time", NO_DEVICES, MEMBERS("pass_ms", "speed"), sim_hand_time_passes },
	{ "faults", NO_DEVICES, MEMBERS("verb"), faults },
	{ "fault", CHANGES_DEVICES, NULL, fault },
	{ "clear", CHANGES_DEVICES, MEMBERS("device", "fault"), clear },
	{ "counters", LOOKS_AT_DEVICES, MEMBERS("device", "sum", "reset"), sim_tell_counters },
	{ "watch", NO_DEVICES, MEMBERS("verb"), watch },
#undef MEMBERS
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static const struct verb *find(const char *name)
{
	for (size_t i = 0; name && i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			return &verbs[i];
		}
	}
	return NULL;
}

/* The first member of the line that the verb does not know, or NULL. */
static const char *unknown_member(const struct verb *verb, struct json_object *line)
{
	json_object_object_foreach(line, key, value)
	{
		const char *const *known = verb->members;

		(void)value;
		while (known && *known && strcmp(*known, key) != 0) {
			known++;
		}
		if (known && !*known) {
			return key;
		}
	}
	return NULL;
}

static const char *select_devices(
	const struct sim_talk *talk, enum devices devices, struct sim_selection *selection)
{
	struct json_object *device = json_object_object_get(talk->line, "device");
	struct json_object *all = NULL;
	const char *error = NULL;

	if (!device && devices == LOOKS_AT_DEVICES) {
		all = json_object_new_string("all");
	}
	error = sim_selection_read(talk->server, device ? device : all, selection);
	json_object_put(all);
	return error;
}

static void run_on_devices(struct sim_talk *talk, const struct verb *verb)
{
	struct sim_selection selection = { 0 };
	const char *error = NULL;

	if (verb->devices != NO_DEVICES) {
		error = select_devices(talk, verb->devices, &selection);
	}
	if (error) {
		sim_say_no(talk->out, error, NULL);
	} else {
		verb->run(talk, &selection);
	}
	sim_selection_clear(&selection);
}

static void run(struct sim_talk *talk)
{
	const char *name = NULL;
	const struct verb *verb = NULL;
	const char *unknown = NULL;

	plug_json_string(talk->line, "verb", &name);
	verb = find(name);
	if (!verb) {
		sim_say_no(talk->out,
			"verb must be info, list, get, set, power, press, reboot, swap, time, "
			"faults, fault, clear, counters or watch",
			NULL);
		return;
	}
	unknown = unknown_member(verb, talk->line);
	if (unknown) {
		sim_say_no(talk->out, "unknown member", unknown);
		return;
	}
	run_on_devices(talk, verb);
}

void sim_verb_run(struct sim_talk *talk, const char *line, size_t size)
{
	plug_json_parse(line, size, PLUG_JSON_DISTINCT_KEYS, &talk->line);
	if (json_object_is_type(talk->line, json_type_object)) {
		run(talk);
	} else {
		sim_say_no(talk->out, "a line must be one JSON object", NULL);
	}
	json_object_put(talk->line);
	talk->line = NULL;
}

static const char *cause_name(enum sim_cause cause)
{
	static const char *const names[] = {
		[SIM_BY_REQUEST] = "request",
		[SIM_BY_CONTROL] = "control",
		[SIM_BY_ITSELF] = "itself",
	};

	return names[cause];
}

static void begin_event(const struct sim_site *site, const char *event, struct sim_text *out)
{
	sim_text_open(out, '{');
	sim_text_string(out, "event", event);
	sim_text_int(out, "device", site->number);
}

/* The clock is CLOCK_MONOTONIC, the same for every process of the machine. */
static void end_event(enum sim_cause cause, uint64_t at_ns, struct sim_text *out)
{
	sim_text_string(out, "by", cause_name(cause));
	sim_text_int(out, "ns", (int64_t)at_ns);
	sim_say_end(out);
}

void sim_verb_add_events(const struct sim_site *site, const struct sim_step *step,
	enum sim_cause cause, struct sim_text *out)
{
	const struct sim_device *device = sim_site_device(site);
	const uint64_t now_ns = uv_hrtime();

	for (size_t i = 0; i < device->model->outlet_count; i++) {
		if (step->moved & 1U << i) {
			begin_event(site, "relay", out);
			sim_text_int(out, "outlet", (int64_t)i);
			sim_text_bool(out, "on", device->outlets[i].is_on);
			sim_text_bool(out, "stranger", device != site->device);
			end_event(cause, now_ns, out);
		}
	}
	if (step->has_presence) {
		begin_event(site, "power", out);
		sim_text_bool(out, "on", device->presence == SIM_PRESENT);
		end_event(cause, now_ns, out);
	}
}
