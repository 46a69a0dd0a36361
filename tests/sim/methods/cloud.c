/* cnCloud: the account with the vendor. */
#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum { CLOUD_ONLINE = 1 };

static bool is_busy(struct sim_call *call)
{
	return sim_account_is_busy(&call->device->account, call->step->now_ms);
}

/* Bound from the start, so that a program that must not tell an account's name has one to keep. */
int sim_get_cloud_info(struct sim_call *call)
{
	const bool is_changing = is_busy(call);
	const struct sim_account *account = &call->device->account;
	struct sim_text *out = call->out;

	if (is_changing) {
		return SIM_BUSY;
	}
	sim_text_string(out, "username", account->username ? account->username : "");
	sim_text_string(out, "server", sim_account_server(account));
	sim_text_int(out, "binded", account->username != NULL);
	sim_text_int(
		out, "cld_connection", account->username && sim_device_is_online(call->device));
	sim_text_int(out, "illegalType", 0);
	sim_text_int(out, "stopConnect", 0);
	sim_text_int(out, "tcspStatus", CLOUD_ONLINE);
	sim_text_string(out, "fwDlPage", "");
	sim_text_string(out, "tcspInfo", "");
	sim_text_int(out, "fwNotifyType", 0);
	return SIM_OK;
}

/* A text that an account can have. */
static bool read_text(struct sim_call *call, const char *key, const char **text)
{
	return plug_json_string(call->arguments, key, text) && (*text)[0] != '\0' &&
	       strlen(*text) <= SIM_ACCOUNT_MAX_BYTES;
}

static int bind_to(struct sim_call *call, const char *username)
{
	if (!sim_device_is_online(call->device)) {
		return SIM_UNKNOWN;
	}
	sim_account_bind(&call->device->account, username, call->step->now_ms);
	return SIM_OK;
}

/* The vendor, who would look at the password, is not there. */
int sim_bind(struct sim_call *call)
{
	const char *username = NULL;
	const char *password = NULL;

	if (is_busy(call)) {
		return SIM_BUSY;
	}
	if (!read_text(call, "username", &username) || !read_text(call, "password", &password)) {
		return SIM_INVALID_ARGUMENT;
	}
	return bind_to(call, username);
}

int sim_unbind(struct sim_call *call)
{
	if (is_busy(call)) {
		return SIM_BUSY;
	}
	return call->device->account.username ? bind_to(call, NULL) : SIM_NOT_BOUND;
}

int sim_set_server_url(struct sim_call *call)
{
	const char *server = NULL;

	if (is_busy(call)) {
		return SIM_BUSY;
	}
	if (!read_text(call, "server", &server)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_replace(&call->device->account.server, server);
	return SIM_OK;
}

/* There is never anything new; a device that cannot ask does not know. */
int sim_get_fw_list(struct sim_call *call)
{
	if (is_busy(call)) {
		return SIM_BUSY;
	}
	if (!sim_device_is_online(call->device)) {
		return SIM_UNKNOWN;
	}
	sim_text_key(call->out, "fw_list");
	sim_text_add(call->out, "[]");
	return SIM_OK;
}
