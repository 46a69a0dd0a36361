/* info, state, on, off, toggle: what a device is and how its outlets stand. */
#include "protocol/json.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column state_columns[] = {
	{ .key = "state" },
	{ .key = "on_time_s", .unit = "s" },
	{ .key = "brightness_percent", .unit = "%" },
	{ .key = "alias" },
	{ 0 },
};

static void put_states(struct job *job)
{
	for (job->outlet = job->outlet_first; job->outlet < job->outlet_end; job->outlet++) {
		const struct plug_outlet_info *outlet = &job->info.outlets[job->outlet];
		struct json_object *row = job_row(job);

		output_text(row, "state", outlet->is_on ? "on" : "off");
		output_int(row, "on_time_s", outlet->on_time_s);
		if (job->info.has_brightness) {
			output_int(row, "brightness_percent", job->info.brightness_percent);
		}
		output_text(row, "alias", outlet->alias);
	}
	job_done(job);
}

const struct verb verb_state = {
	.name = "state",
	.help = "how outlets stand: on or off, and for how long",
	.start = put_states,
	.columns = state_columns,
	.rows_key = "outlets",
};

/* A state is only what the device itself says. */
static void on_read_back(struct job *job, const struct plug_reply *reply)
{
	(void)reply;
	for (size_t i = job->outlet_first; i < job->outlet_end; i++) {
		if (i >= job->info.outlet_count || job->info.outlets[i].is_on != job->wanted[i]) {
			job_fail(job, "took the order for outlet %zu, but its relay did not move",
				i + 1);
			return;
		}
	}
	put_states(job);
}

static void switch_next(struct job *job);

static void on_switched(struct job *job, const struct plug_reply *reply)
{
	const struct plug_family_traits *traits = plug_family_traits(job->info.family);
	const struct plug_method method = { traits->switch_module, traits->switch_method };

	if (job_answer(job, reply, method)) {
		job->outlet++;
		switch_next(job);
	}
}

static void switch_next(struct job *job)
{
	struct plug_request request;

	if (job->outlet == job->outlet_end) {
		job_refresh(job, on_read_back);
		return;
	}
	job_ask(job,
		plug_request_switch(
			&request, job->info.family, job_child_id(job), job->wanted[job->outlet]),
		&request, on_switched);
}

/* An outlet that was toggled already, as one or with its strip, stays as it is then. */
static bool toggled(struct job *job, size_t outlet)
{
	const bool is_on = job->info.outlets[outlet].is_on;
	const bool is_wanted = job->link->is_toggled[outlet] ? is_on : !is_on;

	job->link->is_toggled[outlet] = true;
	return is_wanted;
}

static void switch_to(struct job *job)
{
	const struct verb *verb = job->command->verb;

	for (size_t i = job->outlet_first; i < job->outlet_end; i++) {
		job->wanted[i] = verb == &verb_toggle ? toggled(job, i) : verb == &verb_on;
	}
	switch_next(job);
}

const struct verb verb_on = {
	.name = "on",
	.help = "switch on",
	.start = switch_to,
	.columns = state_columns,
	.rows_key = "outlets",
	.is_one_outlet = true,
};

const struct verb verb_off = {
	.name = "off",
	.help = "switch off",
	.start = switch_to,
	.columns = state_columns,
	.rows_key = "outlets",
	.is_one_outlet = true,
};

const struct verb verb_toggle = {
	.name = "toggle",
	.help = "switch on what is off, and off what is on",
	.start = switch_to,
	.columns = state_columns,
	.rows_key = "outlets",
	.is_one_outlet = true,
};

static const struct output_column info_columns[] = {
	{ .key = "alias" },
	{ .key = "model" },
	{ .key = "family" },
	{ .key = "hardware", .label = "hw" },
	{ .key = "firmware", .label = "fw" },
	{ .key = "mac" },
	{ .key = "host" },
	{ .key = "rssi_dbm", .unit = "dBm" },
	{ .key = "states" },
	{ .key = "led", .label = "led" },
	{ .key = "meter", .words = "meter/no meter" },
	{ .key = "updating", .words = "updates its firmware/no update" },
	{ .key = "device_id" },
	{ .key = "hardware_id" },
	{ .key = "vendor_id" },
	{ 0 },
};

/* The outlets in their order. */
static void put_all_states(struct job *job)
{
	struct json_object *states = memory_json(json_object_new_array());

	for (size_t i = 0; i < job->info.outlet_count; i++) {
		json_object_array_add(states, memory_json(json_object_new_string(
						      job->info.outlets[i].is_on ? "on" : "off")));
	}
	json_object_object_add(job_data(job), "states", states);
}

static void put_ids(struct job *job)
{
	static const char *const keys[][2] = { { "deviceId", "device_id" },
		{ "hwId", "hardware_id" }, { "oemId", "vendor_id" } };
	const char *text;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (plug_json_string(job_sysinfo(job), keys[i][0], &text)) {
			output_text(job_data(job), keys[i][1], text);
		}
	}
}

static void put_info(struct job *job)
{
	const struct plug_sysinfo *info = &job->info;
	struct json_object *data = job_data(job);
	char mac[PLUG_MAC_TEXT_BYTES];
	bool is_dark;

	output_text(data, "alias", info->alias);
	output_text(data, "model", info->model);
	output_text(data, "family", plug_family_traits(info->family)->name);
	output_text(data, "hardware", info->hardware);
	output_text(data, "firmware", info->firmware);
	if (info->has_mac) {
		plug_mac_format(info->mac, mac);
		output_text(data, "mac", mac);
	}
	output_text(data, "host", job->target->host);
	if (info->has_rssi) {
		output_int(data, "rssi_dbm", info->rssi_dbm);
	}
	put_all_states(job);
	if (plug_json_flag(job_sysinfo(job), "led_off", &is_dark)) {
		output_text(data, "led", is_dark ? "off" : "on");
	}
	output_flag(data, "meter", info->has_energy);
	output_flag(data, "updating", info->is_updating);
	if (command_has(job->command, OPTION_UNREDACTED)) {
		put_ids(job);
	}
	job_done(job);
}

const struct verb verb_info = {
	.name = "info",
	.help = "what a device is; its ids too with --unredacted",
	.start = put_info,
	.columns = info_columns,
	.is_block = true,
	.is_whole = true,
};
