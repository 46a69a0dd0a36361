/* wifi, cloud: what a device tells of networks and of its account. */
#include "protocol/network.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/json.h"
#include "protocol/plugctl/job.h"
#include "protocol/plugctl/memory.h"
#include "protocol/plugctl/verbs.h"

enum { RSSI_MIN_DBM = -200, RSSI_MAX_DBM = 100, KEY_TYPE_MAX = 1000 };

static const struct output_column wifi_columns[] = {
	{ .key = "ssid" },
	{ .key = "security" },
	{ .key = "rssi_dbm", .unit = "dBm" },
	{ 0 },
};

static void put_network(struct json_object *row, struct json_object *network)
{
	const char *ssid;
	int64_t number;

	if (plug_json_string(network, "ssid", &ssid)) {
		output_text(row, "ssid", ssid);
	}
	if (plug_json_int(network, "key_type", 0, KEY_TYPE_MAX, &number)) {
		const char *name = plug_key_type_name((int)number);
		char *other = memory_format("type %d", (int)number);

		output_text(row, "security", name ? name : other);
		free(other);
	}
	if (plug_json_int(network, "rssi", RSSI_MIN_DBM, RSSI_MAX_DBM, &number)) {
		output_int(row, "rssi_dbm", number);
	}
}

/* Its own row: a network belongs to no outlet. */
static struct json_object *network_row(struct job *job)
{
	struct json_object *row = memory_json(json_object_new_object());
	struct json_object *rows;

	job_rows(job);
	(void)json_object_object_get_ex(job->data, job->command->verb->rows_key, &rows);
	json_object_array_add(rows, row);
	return row;
}

static void on_wifi_info(struct job *job, const struct plug_reply *reply)
{
	struct json_object *answer = job_answer(job, reply, plug_wifi_info_method);

	if (answer) {
		put_network(network_row(job), answer);
		job_done(job);
	}
}

static void on_scan(struct job *job, const struct plug_reply *reply)
{
	struct json_object *answer = job_answer(job, reply, plug_wifi_scan_method);
	struct json_object *list;

	if (!answer) {
		return;
	}
	if (!plug_json_array(answer, "ap_list", &list)) {
		job_fail_error(job, PLUG_EPROTO);
		return;
	}
	job_rows(job);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		put_network(network_row(job), json_object_array_get_idx(list, i));
	}
	job_done(job);
}

static bool is_scan(const struct command *command)
{
	return strcmp(command->word, "scan") == 0;
}

static void start_wifi(struct job *job)
{
	struct plug_request request;

	if (is_scan(job->command)) {
		job_ask(job,
			plug_request_wifi_scan(&request, command_has(job->command, OPTION_REFRESH)),
			&request, on_scan);
	} else {
		job_ask(job, plug_request_wifi_info(&request), &request, on_wifi_info);
	}
}

static bool prepare_wifi(struct command *command)
{
	return is_scan(command) || !command_has(command, OPTION_REFRESH) ||
	       command_complain(command, "--refresh goes with scan");
}

/* Two scans' time on top: devices take longer than they were told. */
static uint64_t scan_ms(const struct command *command)
{
	return command_has(command, OPTION_REFRESH) ? UINT64_C(2000) * PLUG_SCAN_S : 0;
}

static const char *const wifi_words[] = { "scan", "info", NULL };

const struct verb verb_wifi = {
	.name = "wifi",
	.words = wifi_words,
	.options = OPTION_BIT(REFRESH),
	.help = "the networks a device sees, or the one it is in",
	.prepare = prepare_wifi,
	.start = start_wifi,
	.columns = wifi_columns,
	.rows_key = "networks",
	.extra_ms = scan_ms,
};

static const struct output_column cloud_columns[] = {
	{ .key = "bound", .words = "bound/not bound" },
	{ .key = "connected", .words = "connected/not connected" },
	{ .key = "server" },
	{ .key = "username" },
	{ 0 },
};

static void on_cloud_info(struct job *job, const struct plug_reply *reply)
{
	struct json_object *answer =
		job_answer(job, reply, plug_cloud_info_method(job->info.family));
	const char *text;
	bool flag;

	if (!answer) {
		return;
	}
	if (plug_json_flag(answer, "binded", &flag)) {
		output_flag(job_data(job), "bound", flag);
	}
	if (plug_json_flag(answer, "cld_connection", &flag)) {
		output_flag(job_data(job), "connected", flag);
	}
	if (plug_json_string(answer, "server", &text)) {
		output_text(job_data(job), "server", text);
	}
	if (command_has(job->command, OPTION_UNREDACTED) &&
		plug_json_string(answer, "username", &text)) {
		output_text(job_data(job), "username", text);
	}
	job_done(job);
}

static void start_cloud(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_cloud_info(&request, job->info.family), &request, on_cloud_info);
}

static const char *const cloud_words[] = { "info", NULL };

const struct verb verb_cloud = {
	.name = "cloud",
	.words = cloud_words,
	.help = "the vendor's cloud: bound to an account or not; whose with --unredacted",
	.start = start_cloud,
	.columns = cloud_columns,
};
