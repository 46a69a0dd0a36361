#include "protocol/blocking/rules.h"

#include <json-c/json.h>
#include <stddef.h>
#include <string.h>

#include "protocol/family.h"
#include "protocol/json.h"
#include "protocol/request.h"

static enum plug_error begin(const struct plug_device *device, const struct plug_rule_place *place,
	struct plug_rule_ask *ask)
{
	const enum plug_family family = plug_device_info(device)->family;
	enum plug_error error;

	*ask = (struct plug_rule_ask) { .kind = place->kind, .family = family };
	error = plug_device_child_id(device, place->outlet, &ask->child_id);
	return error == PLUG_OK && family == PLUG_FAMILY_STRIP && !ask->child_id ? PLUG_EINVAL
										 : error;
}

static struct plug_method method_of(const struct plug_rule_ask *ask, const char *method)
{
	return (struct plug_method) { plug_rule_module(ask->kind, ask->family), method };
}

enum plug_error plug_device_rules(
	struct plug_device *device, const struct plug_rule_place *place, struct plug_rules *rules)
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);
	enum plug_error read;

	if (error == PLUG_OK) {
		error = plug_request_rules(&request, &ask);
	}
	error = plug_device_call(device, error, &request, method_of(&ask, "get_rules"));
	read = plug_reply_rules(plug_device_reply(device), &ask, rules);
	return error != PLUG_OK ? error : read;
}

/* Some firmwares may not tell the id: the rule is there all the same. */
static void read_id(const struct plug_device *device, struct plug_method method, char *id)
{
	struct json_object *answer;
	const char *text;

	if (plug_reply_method(plug_device_reply(device), method.module, method.method, &answer,
		    NULL) == PLUG_OK &&
		plug_json_string(answer, "id", &text) && strlen(text) < PLUG_RULE_ID_BYTES) {
		memcpy(id, text, strlen(text) + 1);
	}
}

enum plug_error plug_device_add_rule(struct plug_device *device,
	const struct plug_rule_place *place, const struct plug_rule *rule,
	char id[PLUG_RULE_ID_BYTES])
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);
	const struct plug_method method = method_of(&ask, "add_rule");

	if (error == PLUG_OK) {
		error = plug_request_add_rule(&request, &ask, rule);
	}
	error = plug_device_call_once(device, error, &request, method);
	if (id) {
		id[0] = '\0';
		if (error == PLUG_OK) {
			read_id(device, method, id);
		}
	}
	return error;
}

enum plug_error plug_device_edit_rule(struct plug_device *device,
	const struct plug_rule_place *place, const struct plug_rule *rule)
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);

	if (error == PLUG_OK) {
		error = plug_request_edit_rule(&request, &ask, rule);
	}
	return plug_device_call(device, error, &request, method_of(&ask, "edit_rule"));
}

enum plug_error plug_device_delete_rule(
	struct plug_device *device, const struct plug_rule_place *place, const char *id)
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);

	if (error == PLUG_OK) {
		error = plug_request_delete_rule(&request, &ask, id);
	}
	return plug_device_call(device, error, &request, method_of(&ask, "delete_rule"));
}

enum plug_error plug_device_delete_rules(
	struct plug_device *device, const struct plug_rule_place *place)
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);

	if (error == PLUG_OK) {
		error = plug_request_delete_rules(&request, &ask);
	}
	return plug_device_call(device, error, &request, method_of(&ask, "delete_all_rules"));
}

enum plug_error plug_device_enable_rules(
	struct plug_device *device, const struct plug_rule_place *place, bool is_enabled)
{
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, place, &ask);

	if (error == PLUG_OK) {
		error = plug_request_enable_rules(&request, &ask, is_enabled);
	}
	return plug_device_call(device, error, &request, method_of(&ask, "set_overall_enable"));
}

enum plug_error plug_device_due(struct plug_device *device, int outlet, struct plug_due *due)
{
	const struct plug_rule_place place = { PLUG_RULE_SCHEDULE, outlet };
	struct plug_rule_ask ask;
	struct plug_request request;
	enum plug_error error = begin(device, &place, &ask);
	enum plug_error read;

	if (error == PLUG_OK) {
		error = plug_request_due(&request, ask.family, ask.child_id);
	}
	error = plug_device_call(device, error, &request, plug_due_method(ask.family));
	read = plug_reply_due(plug_device_reply(device), ask.family, due);
	return error != PLUG_OK ? error : read;
}
