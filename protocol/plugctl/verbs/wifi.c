/* wifi: the networks a device sees, the one it is in, and the one it shall be in. */
#include "protocol/network.h"

#include <stdlib.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/secret.h"
#include "protocol/plugctl/terminal/words.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/plugctl/word.h"

static const struct output_column columns[] = {
	{ .key = "ssid" },
	{ .key = "security" },
	{ .key = "rssi_dbm", .unit = "dBm" },
	{ .key = "joining", .words = "joining/not joining" },
	{ 0 },
};

/* What each word asks, and what becomes of the answer. */
struct way {
	const char *word;
	enum plug_wifi_call call;
	void (*ask)(struct job *job);
	/* PLUG_OK and the result is complete. */
	enum plug_error (*take)(struct job *job, const struct plug_reply *reply);
};

static const struct way *way_of(const struct command *command);

/* A row of its own: a network belongs to no outlet. */
static struct json_object *network_row(struct job *job)
{
	struct json_object *row = memory_json(json_object_new_object());
	struct json_object *rows;

	job_rows(job);
	(void)json_object_object_get_ex(job->data, job->command->verb->rows_key, &rows);
	json_object_array_add(rows, row);
	return row;
}

static void put_security(struct json_object *row, int key_type)
{
	const char *name = plug_key_type_name(key_type);
	char *other = memory_format("type %d", key_type);

	output_text(row, "security", name ? name : other);
	free(other);
}

static void put_network(struct job *job, const struct plug_network *network)
{
	struct json_object *row = network_row(job);

	if (network->ssid) {
		output_text(row, "ssid", network->ssid);
	}
	if (network->key_type.is_known) {
		put_security(row, (int)network->key_type.value);
	}
	if (network->rssi_dbm.is_known) {
		output_int(row, "rssi_dbm", network->rssi_dbm.value);
	}
}

static enum plug_error take_info(struct job *job, const struct plug_reply *reply)
{
	struct plug_network network;
	const enum plug_error error = plug_reply_wifi_info(reply, job->wifi, &network);

	if (error == PLUG_OK) {
		put_network(job, &network);
	}
	return error;
}

static enum plug_error take_scan(struct job *job, const struct plug_reply *reply)
{
	struct plug_networks networks;
	const enum plug_error error = plug_reply_wifi_scan(reply, job->wifi, &networks);

	if (error == PLUG_OK) {
		job_rows(job);
		for (size_t i = 0; i < networks.count; i++) {
			put_network(job, &networks.networks[i]);
		}
	}
	return error;
}

/* Whether it got there shows when it answers in that network: this connection is gone. */
static enum plug_error take_join(struct job *job, const struct plug_reply *reply)
{
	struct json_object *row = network_row(job);

	(void)reply;
	output_text(row, "ssid", job->command->values[OPTION_SSID]);
	put_security(row, (int)job->command->key_type);
	output_flag(row, "joining", true);
	return PLUG_OK;
}

/* Both modules have refused: the first is the one that matters, unless it does not exist. */
static void fail(struct job *job, enum plug_error error, struct plug_device_error device_error)
{
	if (job->wifi == PLUG_WIFI_ONBOARDING && error == PLUG_EUNSUPPORTED) {
		error = job->refusal;
		device_error.err_code = job->refusal_code;
	}
	job_fail_device(job, error, &device_error);
}

static void on_reply(struct job *job, const struct plug_reply *reply)
{
	const struct way *way = way_of(job->command);
	const struct plug_method method = plug_wifi_method(job->wifi, way->call);
	struct plug_device_error device_error = { 0 };
	struct json_object *answer;
	enum plug_error error = reply ? plug_reply_method(reply, method.module, method.method,
						&answer, &device_error)
				      : PLUG_OK;

	if (error == PLUG_OK) {
		error = way->take(job, reply);
	}
	if (error == PLUG_OK) {
		job_done(job);
	} else if (job->wifi == PLUG_WIFI_NETIF &&
		   (error == PLUG_EDEVICE || error == PLUG_EUNSUPPORTED)) {
		job->wifi = PLUG_WIFI_ONBOARDING;
		job->refusal = error;
		job->refusal_code = device_error.err_code;
		way->ask(job);
	} else {
		fail(job, error, device_error);
	}
}

static void ask_info(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_wifi_info(&request, job->wifi), &request, on_reply);
}

static void ask_scan(struct job *job)
{
	struct plug_request request;

	job_ask(job,
		plug_request_wifi_scan(
			&request, job->wifi, command_has(job->command, OPTION_REFRESH)),
		&request, on_reply);
}

static enum plug_error build_join(
	struct plug_request *request, enum plug_wifi_module module, const struct command *command)
{
	const struct plug_wifi_join join = { command->values[OPTION_SSID],
		command->password ? command->password : "", command->key_type };

	return plug_request_wifi_join(request, module, &join);
}

static void ask_join(struct job *job)
{
	struct plug_request request;

	job->may_vanish = true;
	job_ask_once(job, build_join(&request, job->wifi, job->command), &request, on_reply);
	OPENSSL_cleanse(&request, sizeof request);
}

static const struct way ways[] = {
	{ "scan", PLUG_WIFI_SCAN, ask_scan, take_scan },
	{ "info", PLUG_WIFI_INFO, ask_info, take_info },
	{ "join", PLUG_WIFI_JOIN, ask_join, take_join },
};

static const struct way *way_of(const struct command *command)
{
	size_t i = 0;

	while (i + 1 < sizeof ways / sizeof ways[0] && !word_is(command, ways[i].word)) {
		i++;
	}
	return &ways[i];
}

static void start(struct job *job)
{
	job->wifi = PLUG_WIFI_NETIF;
	way_of(job->command)->ask(job);
}

static bool read_security(struct command *command)
{
	const char *text = command->values[OPTION_SECURITY];
	const char *names[PLUG_KEY_COUNT];
	const char *nearest;

	command->key_type = PLUG_KEY_WPA2;
	if (!text) {
		return true;
	}
	for (int i = 0; i < PLUG_KEY_COUNT; i++) {
		names[i] = plug_key_type_name(i);
		if (strcasecmp(names[i], text) == 0) {
			command->key_type = (enum plug_key_type)i;
			return true;
		}
	}
	nearest = words_nearest(text, names, PLUG_KEY_COUNT);
	return command_complain(command,
		"--security takes open, wep, wpa, wpa2 or wpa3, not '%s'%s%s", text,
		nearest ? "; nearest is " : "", nearest ? nearest : "");
}

static bool read_password(struct command *command)
{
	char *what = memory_format("Wi-Fi %s", command->values[OPTION_SSID]);
	const bool is_read = secret_read(command, what);

	free(what);
	return is_read;
}

static bool check_join(struct command *command)
{
	struct plug_request request;
	const bool is_good = build_join(&request, PLUG_WIFI_NETIF, command) == PLUG_OK;

	OPENSSL_cleanse(&request, sizeof request);
	return is_good ||
	       command_complain(command,
		       "no network is like that: a name has 1 to %d bytes, a password of "
		       "WPA 8 to %d, of WEP 5, 10, 13 or 26, all in UTF-8",
		       PLUG_SSID_MAX_BYTES, PLUG_WIFI_PASSWORD_MAX_BYTES);
}

static bool prepare_join(struct command *command)
{
	if (!read_security(command)) {
		return false;
	}
	if (command->key_type == PLUG_KEY_OPEN && command_has(command, OPTION_PASSWORD_FILE)) {
		return command_complain(command, "an open network has no password");
	}
	return confirm_targets(command, "will leave the network, and can be reached in the other "
					"one only, if it gets there") &&
	       (command->key_type == PLUG_KEY_OPEN || read_password(command)) &&
	       check_join(command);
}

static bool prepare(struct command *command)
{
	static const struct word_options options[] = {
		{ "scan", 0, OPTION_BIT(REFRESH) },
		{ "info", 0, 0 },
		{ "join", OPTION_BIT(SSID),
			OPTION_BIT(SECURITY) | OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(YES) },
		{ 0 },
	};

	return word_check(command, options) && (!word_is(command, "join") || prepare_join(command));
}

/* Two scans' time on top: devices take longer than they were told. */
static uint64_t scan_ms(const struct command *command)
{
	return command_has(command, OPTION_REFRESH) ? UINT64_C(2000) * PLUG_SCAN_S : 0;
}

static const char *const words[] = { "scan", "info", "join", NULL };

const struct verb verb_wifi = {
	.name = "wifi",
	.words = words,
	.options = OPTION_BIT(REFRESH) | OPTION_BIT(SSID) | OPTION_BIT(SECURITY) |
		   OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(YES),
	.help = "the networks a device sees, the one it is in; join another",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.rows_key = "networks",
	.extra_ms = scan_ms,
	.is_whole = true,
};
