#include "protocol/request.h"

#include "protocol/call.h"

static const struct plug_method sysinfo_method = { "system", "get_sysinfo" };

static struct plug_method energy_method(enum plug_family family, const char *method)
{
	return (struct plug_method) { plug_family_traits(family)->energy_module, method };
}

static struct plug_call_name child_call(const char *child_id, struct plug_method method)
{
	return (struct plug_call_name) { child_id, method.module, method.method };
}

enum plug_error plug_request_sysinfo(struct plug_request *request)
{
	return plug_call_method(request, sysinfo_method);
}

enum plug_error plug_request_poll(
	struct plug_request *request, enum plug_family family, bool with_energy)
{
	struct plug_call call;

	plug_call_start(&call, request, sysinfo_method);
	/* A strip asked without context answers for its first outlet, as if it were the whole. */
	if (with_energy && family != PLUG_FAMILY_STRIP) {
		plug_call_next(&call, energy_method(family, "get_realtime"));
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_switch(
	struct plug_request *request, enum plug_family family, const char *child_id, bool is_on)
{
	const struct plug_family_traits *traits = plug_family_traits(family);
	const struct plug_call_name name = { child_id, traits->switch_module,
		traits->switch_method };
	struct plug_call call;

	plug_call_begin(&call, request, &name);
	plug_call_flag(&call, traits->switch_argument, is_on);
	if (plug_family_is_light(family) && is_on) {
		/* Light as it did before it was switched off. */
		plug_call_flag(&call, "ignore_default", false);
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_realtime(
	struct plug_request *request, enum plug_family family, const char *child_id)
{
	const struct plug_call_name name =
		child_call(child_id, energy_method(family, "get_realtime"));

	return plug_call_plain(request, &name);
}

enum plug_error plug_request_time(struct plug_request *request, enum plug_family family)
{
	const struct plug_method method = { plug_family_traits(family)->time_module, "get_time" };

	return plug_call_method(request, method);
}
