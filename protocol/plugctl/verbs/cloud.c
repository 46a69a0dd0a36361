/* cloud: the vendor's cloud, to which a device is bound or not. */
#include "protocol/account.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "protocol/plugctl/job.h"
#include "protocol/plugctl/terminal/confirm.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/secret.h"
#include "protocol/plugctl/verbs/verbs.h"
#include "protocol/plugctl/word.h"

static const struct output_column columns[] = {
	{ .key = "bound", .words = "bound/not bound" },
	{ .key = "connected", .words = "connected/not connected" },
	{ .key = "server" },
	{ .key = "username" },
	{ .key = "version" },
	{ .key = "title" },
	{ .key = "type", .label = "type" },
	{ .key = "date" },
	{ .key = "url" },
	{ .key = "notes" },
	{ 0 },
};

static void put_account(struct job *job, const struct plug_account *account)
{
	struct json_object *data = job_data(job);

	if (account->has_bound) {
		output_flag(data, "bound", account->is_bound);
	}
	if (account->has_connected) {
		output_flag(data, "connected", account->is_connected);
	}
	if (account->server) {
		output_text(data, "server", account->server);
	}
	if (account->username && command_has(job->command, OPTION_UNREDACTED)) {
		output_text(data, "username", account->username);
	}
	job_done(job);
}

/* What the device itself says, after what was done. */
static bool is_as_wanted(struct job *job, const struct plug_account *account)
{
	const char *server = job->command->values[OPTION_SET];

	if (word_is(job->command, "bind") && account->has_bound && !account->is_bound) {
		job_fail(job, "took the account, but says that it is not bound");
	} else if (word_is(job->command, "unbind") && account->is_bound) {
		job_fail(job, "took the order, but says that it is still bound");
	} else if (server && account->server && strcmp(server, account->server) != 0) {
		job_fail(job, "took the server, but tells another");
	} else {
		return true;
	}
	return false;
}

static void on_info(struct job *job, const struct plug_reply *reply)
{
	struct plug_account account;
	enum plug_error error;

	if (!job_answer(job, reply, plug_account_method(PLUG_ACCOUNT_INFO, job->info.family))) {
		return;
	}
	error = plug_reply_account(reply, job->info.family, &account);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
	} else if (is_as_wanted(job, &account)) {
		put_account(job, &account);
	}
}

static void ask_info(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_account(&request, job->info.family), &request, on_info);
}

static void after(struct job *job, const struct plug_reply *reply, enum plug_account_call call)
{
	if (job_answer(job, reply, plug_account_method(call, job->info.family))) {
		ask_info(job);
	}
}

static void on_bound(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, PLUG_ACCOUNT_BIND);
}

static void on_unbound(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, PLUG_ACCOUNT_UNBIND);
}

static void on_server(struct job *job, const struct plug_reply *reply)
{
	after(job, reply, PLUG_ACCOUNT_SERVER);
}

static void put_text(struct json_object *row, const char *key, const char *text)
{
	if (text) {
		output_text(row, key, text);
	}
}

static void put_offer(struct json_object *rows, const struct plug_offer *offer)
{
	struct json_object *row = memory_json(json_object_new_object());

	put_text(row, "version", offer->version);
	put_text(row, "title", offer->title);
	if (offer->type.is_known) {
		output_int(row, "type", offer->type.value);
	}
	put_text(row, "date", offer->date);
	put_text(row, "url", offer->url);
	put_text(row, "notes", offer->notes);
	json_object_array_add(rows, row);
}

static void on_firmware(struct job *job, const struct plug_reply *reply)
{
	struct json_object *rows;
	struct plug_offers offers;
	enum plug_error error;

	if (!job_answer(job, reply, plug_account_method(PLUG_ACCOUNT_FIRMWARE, job->info.family))) {
		return;
	}
	error = plug_reply_firmware_list(reply, job->info.family, &offers);
	if (error != PLUG_OK) {
		job_fail_error(job, error);
		return;
	}
	job_rows(job);
	(void)json_object_object_get_ex(job->data, job->command->verb->rows_key, &rows);
	for (size_t i = 0; i < offers.count; i++) {
		put_offer(rows, &offers.offers[i]);
	}
	job_done(job);
}

static void ask_firmware(struct job *job)
{
	struct plug_request request;

	job_ask(job, plug_request_firmware_list(&request, job->info.family), &request, on_firmware);
}

static void ask_bind(struct job *job)
{
	const struct plug_credentials credentials = { job->command->values[OPTION_USER],
		job->command->password };
	struct plug_request request;

	job_ask_once(job, plug_request_bind(&request, job->info.family, &credentials), &request,
		on_bound);
	OPENSSL_cleanse(&request, sizeof request);
}

static void ask_unbind(struct job *job)
{
	struct plug_request request;

	job_ask_once(job, plug_request_unbind(&request, job->info.family), &request, on_unbound);
}

static void ask_server(struct job *job)
{
	struct plug_request request;

	job_ask_once(job,
		plug_request_set_server(
			&request, job->info.family, job->command->values[OPTION_SET]),
		&request, on_server);
}

static bool prepare_bind(struct command *command)
{
	const char *user = command->values[OPTION_USER];
	struct plug_request request;
	bool is_good;

	if (!confirm_targets(command, "can be switched by whoever has that account, from "
				      "anywhere") ||
		!secret_read(command, "the account")) {
		return false;
	}
	is_good = plug_request_bind(&request, PLUG_FAMILY_BULB,
			  &(struct plug_credentials) { user, command->password }) == PLUG_OK;
	OPENSSL_cleanse(&request, sizeof request);
	return is_good || command_complain(command, "no account is called '%s'", user);
}

static bool prepare_unbind(struct command *command)
{
	return confirm_targets(command, "can no longer be switched from that account");
}

static bool prepare_server(struct command *command)
{
	const char *server = command->values[OPTION_SET];
	struct plug_request request;

	if (plug_request_set_server(&request, PLUG_FAMILY_BULB, server) != PLUG_OK) {
		return command_complain(command, "'%s' is no host name", server);
	}
	return confirm_targets(command, "will take orders from that server, and firmware");
}

static const struct word {
	const char *name;
	bool (*prepare)(struct command *command);
	job_cb *ask;
} words_of_cloud[] = {
	{ "info", NULL, ask_info },
	{ "bind", prepare_bind, ask_bind },
	{ "unbind", prepare_unbind, ask_unbind },
	{ "server", prepare_server, ask_server },
	{ "firmware", NULL, ask_firmware },
};

static const struct word *word_of(const struct command *command)
{
	const struct word *word = words_of_cloud;

	while (!word_is(command, word->name)) {
		word++;
	}
	return word;
}

static void start(struct job *job)
{
	word_of(job->command)->ask(job);
}

static bool prepare(struct command *command)
{
	static const struct word_options options[] = {
		{ "info", 0, 0 },
		{ "bind", OPTION_BIT(USER), OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(YES) },
		{ "unbind", 0, OPTION_BIT(YES) },
		{ "server", OPTION_BIT(SET), OPTION_BIT(YES) },
		{ "firmware", 0, 0 },
		{ 0 },
	};
	const struct word *word = word_of(command);

	return word_check(command, options) && (!word->prepare || word->prepare(command));
}

static const char *const words[] = { "info", "bind", "unbind", "server", "firmware", NULL };

const struct verb verb_cloud = {
	.name = "cloud",
	.words = words,
	.options = OPTION_BIT(USER) | OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(SET) | OPTION_BIT(YES),
	.help = "the vendor's cloud: bound or not; whose with --unredacted",
	.prepare = prepare,
	.start = start,
	.columns = columns,
	.rows_key = "firmwares",
	.is_whole = true,
};
