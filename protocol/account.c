#include "protocol/account.h"

#include <limits.h>
#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

struct plug_method plug_account_method(enum plug_account_call call, enum plug_family family)
{
	static const char *const methods[] = { "get_info", "bind", "unbind", "set_server_url",
		"get_intl_fw_list" };

	return (struct plug_method) { plug_family_is_light(family) ? "smartlife.iot.common.cloud"
								   : "cnCloud",
		methods[call] };
}

enum plug_error plug_request_account(struct plug_request *request, enum plug_family family)
{
	return plug_call_method(request, plug_account_method(PLUG_ACCOUNT_INFO, family));
}

enum plug_error plug_request_bind(struct plug_request *request, enum plug_family family,
	const struct plug_credentials *credentials)
{
	struct plug_call call;

	if (credentials->username[0] == '\0' || credentials->password[0] == '\0') {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_account_method(PLUG_ACCOUNT_BIND, family));
	plug_call_text(&call, "username", credentials->username);
	plug_call_text(&call, "password", credentials->password);
	return plug_call_end(&call);
}

enum plug_error plug_request_unbind(struct plug_request *request, enum plug_family family)
{
	return plug_call_method(request, plug_account_method(PLUG_ACCOUNT_UNBIND, family));
}

enum plug_error plug_request_set_server(
	struct plug_request *request, enum plug_family family, const char *server)
{
	struct plug_call call;

	if (server[0] == '\0' || strpbrk(server, " \t\r\n")) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_account_method(PLUG_ACCOUNT_SERVER, family));
	plug_call_text(&call, "server", server);
	return plug_call_end(&call);
}

enum plug_error plug_request_firmware_list(struct plug_request *request, enum plug_family family)
{
	return plug_call_method(request, plug_account_method(PLUG_ACCOUNT_FIRMWARE, family));
}

static enum plug_error find(
	const struct plug_reply *reply, struct plug_method method, struct json_object **answer)
{
	return plug_reply_method(reply, method.module, method.method, answer, NULL);
}

enum plug_error plug_reply_account(
	const struct plug_reply *reply, enum plug_family family, struct plug_account *account)
{
	struct json_object *answer;
	const enum plug_error error =
		find(reply, plug_account_method(PLUG_ACCOUNT_INFO, family), &answer);

	*account = (struct plug_account) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	account->has_bound = plug_json_flag(answer, "binded", &account->is_bound);
	account->has_connected = plug_json_flag(answer, "cld_connection", &account->is_connected);
	(void)plug_json_string(answer, "server", &account->server);
	(void)plug_json_string(answer, "username", &account->username);
	return PLUG_OK;
}

static struct plug_offer read_offer(struct json_object *object)
{
	struct plug_offer offer = {
		.type = plug_reply_figure(object, "fwType", INT_MIN, INT_MAX),
	};

	(void)plug_json_string(object, "fwVer", &offer.version);
	(void)plug_json_string(object, "fwTitle", &offer.title);
	(void)plug_json_string(object, "fwReleaseDate", &offer.date);
	(void)plug_json_string(object, "fwUrl", &offer.url);
	(void)plug_json_string(object, "fwReleaseLog", &offer.notes);
	return offer;
}

enum plug_error plug_reply_firmware_list(
	const struct plug_reply *reply, enum plug_family family, struct plug_offers *offers)
{
	struct json_object *answer;
	struct json_object *list;
	const enum plug_error error =
		find(reply, plug_account_method(PLUG_ACCOUNT_FIRMWARE, family), &answer);

	offers->count = 0;
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_array(answer, "fw_list", &list)) {
		return PLUG_EPROTO;
	}
	for (size_t i = 0; i < json_object_array_length(list) && i < PLUG_OFFERS_MAX; i++) {
		offers->offers[offers->count++] = read_offer(json_object_array_get_idx(list, i));
	}
	return PLUG_OK;
}
