#include "protocol/due.h"

#include <limits.h>
#include <stddef.h>

#include "protocol/call.h"
#include "protocol/json.h"
#include "protocol/rules.h"

enum { NOTHING = -1, DAY_S = 24 * 3600, ACTION_MAX = 100 };

struct plug_method plug_due_method(enum plug_family family)
{
	return (struct plug_method) { plug_rule_module(PLUG_RULE_SCHEDULE, family),
		"get_next_action" };
}

enum plug_error plug_request_due(
	struct plug_request *request, enum plug_family family, const char *child_id)
{
	const struct plug_method method = plug_due_method(family);
	const struct plug_call_name name = { child_id, method.module, method.method };

	return plug_call_plain(request, &name);
}

enum plug_error plug_reply_due(
	const struct plug_reply *reply, enum plug_family family, struct plug_due *due)
{
	const struct plug_method method = plug_due_method(family);
	struct json_object *answer;
	int64_t type;
	int64_t action;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, NULL);

	*due = (struct plug_due) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_int(answer, "type", INT_MIN, INT_MAX, &type)) {
		return PLUG_EPROTO;
	}
	if (type == NOTHING) {
		return PLUG_OK;
	}
	if (!plug_json_int(answer, "action", PLUG_ACTION_NONE, ACTION_MAX, &action)) {
		return PLUG_EPROTO;
	}
	due->is_due = true;
	due->action = (int)action;
	due->has_moment = plug_json_int(answer, "schd_time", 0, DAY_S - 1, &due->at_s);
	(void)plug_json_string(answer, "id", &due->id);
	return PLUG_OK;
}
