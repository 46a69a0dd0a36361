#include "protocol/calibration.h"

#include <stdbool.h>
#include <stddef.h>

#include "protocol/call.h"
#include "protocol/json.h"

static const struct {
	const char *method, *voltage_key, *current_key;
} calls[] = {
	[PLUG_CALIBRATION_GET] = { "get_vgain_igain", NULL, NULL },
	[PLUG_CALIBRATION_SET] = { "set_vgain_igain", "vgain", "igain" },
	[PLUG_CALIBRATION_START] = { "start_calibration", "vtarget", "itarget" },
};

struct plug_method plug_calibration_method(enum plug_calibration_call call, enum plug_family family)
{
	return (struct plug_method) { plug_family_traits(family)->energy_module,
		calls[call].method };
}

static bool is_possible(const struct plug_calibration *values)
{
	return values->voltage > 0 && values->voltage <= PLUG_CALIBRATION_MAX &&
	       values->current > 0 && values->current <= PLUG_CALIBRATION_MAX;
}

enum plug_error plug_request_calibration(struct plug_request *request,
	const struct plug_calibration_ask *ask, const struct plug_calibration *values)
{
	const struct plug_method method = plug_calibration_method(ask->call, ask->family);
	const struct plug_call_name name = { ask->child_id, method.module, method.method };
	struct plug_call call;

	if (ask->call == PLUG_CALIBRATION_GET) {
		return plug_call_plain(request, &name);
	}
	if (!is_possible(values)) {
		return PLUG_EINVAL;
	}
	plug_call_begin(&call, request, &name);
	plug_call_int(&call, calls[ask->call].voltage_key, values->voltage);
	plug_call_int(&call, calls[ask->call].current_key, values->current);
	return plug_call_end(&call);
}

enum plug_error plug_reply_calibration(
	const struct plug_reply *reply, enum plug_family family, struct plug_calibration *values)
{
	const struct plug_method method = plug_calibration_method(PLUG_CALIBRATION_GET, family);
	struct json_object *answer;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, NULL);

	*values = (struct plug_calibration) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	if (plug_json_int(answer, "vgain", 0, PLUG_CALIBRATION_MAX, &values->voltage) &&
		plug_json_int(answer, "igain", 0, PLUG_CALIBRATION_MAX, &values->current)) {
		return PLUG_OK;
	}
	*values = (struct plug_calibration) { 0 };
	return PLUG_EPROTO;
}
