/* identity: MAC, device id and hardware id. */
#include "protocol/identity.h"

#include <string.h>
#include <strings.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/verbs/verbs.h"

static const struct output_column columns[] = {
	{ .key = "mac" },
	{ .key = "device_id" },
	{ .key = "hardware_id" },
	{ 0 },
};

static void put_text(struct json_object *data, const char *key, const char *text)
{
	if (text) {
		output_text(data, key, text);
	}
}

static void put_identity(struct job *job)
{
	struct plug_identity identity;
	char mac[PLUG_MAC_TEXT_BYTES];

	plug_sysinfo_identity(job_sysinfo(job), &identity);
	if (job->info.has_mac) {
		plug_mac_format(job->info.mac, mac);
		output_text(job_data(job), "mac", mac);
	}
	put_text(job_data(job), "device_id", identity.device_id);
	put_text(job_data(job), "hardware_id", identity.hardware_id);
	job_done(job);
}

static bool tells(const char *told, const char *wanted)
{
	return !wanted || (told && strcasecmp(told, wanted) == 0);
}

static void on_read_back(struct job *job, const struct plug_reply *reply)
{
	const struct command *command = job->command;
	struct plug_identity identity;

	(void)reply;
	plug_sysinfo_identity(job_sysinfo(job), &identity);
	if (command_has(command, OPTION_MAC) &&
		(!job->info.has_mac ||
			memcmp(job->info.mac, command->mac, sizeof command->mac) != 0)) {
		job_fail(job, "took the MAC, but tells another; look again after a reboot");
	} else if (!tells(identity.device_id, command->values[OPTION_DEVICE_ID]) ||
		   !tells(identity.hardware_id, command->values[OPTION_HARDWARE_ID])) {
		job_fail(job, "took the id, but tells another; look again after a reboot");
	} else {
		put_identity(job);
	}
}

/* In this order, the MAC last: what may cut the connection comes at the end. */
static const struct part {
	enum plugctl_option option;
	const struct plug_method *method;
} parts[] = {
	{ OPTION_DEVICE_ID, &plug_set_device_id_method },
	{ OPTION_HARDWARE_ID, &plug_set_hardware_id_method },
	{ OPTION_MAC, &plug_set_mac_method },
};
enum { PART_COUNT = sizeof parts / sizeof parts[0] };

static enum plug_error build(
	struct plug_request *request, enum plugctl_option option, const struct command *command)
{
	switch (option) {
	case OPTION_DEVICE_ID:
		return plug_request_set_device_id(request, command->values[option]);
	case OPTION_HARDWARE_ID:
		return plug_request_set_hardware_id(request, command->values[option]);
	default:
		return plug_request_set_mac(request, command->mac);
	}
}

static void set_next(struct job *job);

static void on_set(struct job *job, const struct plug_reply *reply)
{
	if (job_answer(job, reply, *parts[job->round].method)) {
		job->round++;
		set_next(job);
	}
}

static void set_next(struct job *job)
{
	struct plug_request request;

	while (job->round < PART_COUNT && !command_has(job->command, parts[job->round].option)) {
		job->round++;
	}
	if (job->round == PART_COUNT) {
		job->is_renamed = command_has(job->command, OPTION_MAC);
		job_refresh(job, on_read_back);
		return;
	}
	job_ask_once(
		job, build(&request, parts[job->round].option, job->command), &request, on_set);
}

static bool wants_change(const struct command *command)
{
	return command_has(command, OPTION_MAC) || command_has(command, OPTION_DEVICE_ID) ||
	       command_has(command, OPTION_HARDWARE_ID);
}

static void start(struct job *job)
{
	if (wants_change(job->command)) {
		set_next(job);
	} else {
		put_identity(job);
	}
}

static bool check_values(struct command *command)
{
	static const char *const forms[] = { "40 hex digits", "32 hex digits",
		"the MAC of one device, as 50:C7:BF:00:00:01" };
	const char *mac = command->values[OPTION_MAC];
	struct plug_request request;

	if (mac) {
		(void)plug_mac_parse(mac, command->mac); /* zeroes are refused below */
	}
	for (size_t i = 0; i < PART_COUNT; i++) {
		const char *text = command->values[parts[i].option];

		if (text && build(&request, parts[i].option, command) != PLUG_OK) {
			return command_complain(command, "'%s' is not %s", text, forms[i]);
		}
	}
	return true;
}

static bool prepare(struct command *command)
{
	if (!wants_change(command)) {
		return true;
	}
	if (command_has(command, OPTION_ALL) || command->target_count != 1) {
		return command_complain(command, "no two devices may be the same: name one target");
	}
	return check_values(command) &&
	       confirm_targets(command, "will no longer be known to its account, its network or "
					"configurations by what it was");
}

const struct verb verb_identity = {
	.name = "identity",
	.options =
		OPTION_BIT(MAC) | OPTION_BIT(DEVICE_ID) | OPTION_BIT(HARDWARE_ID) | OPTION_BIT(YES),
	.help = "MAC, device id and hardware id; set them",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.is_whole = true,
};
