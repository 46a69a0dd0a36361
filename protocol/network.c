#include "protocol/network.h"

#include <stddef.h>

#include "protocol/call.h"

const struct plug_method plug_wifi_info_method = { "netif", "get_stainfo" };
const struct plug_method plug_wifi_scan_method = { "netif", "get_scaninfo" };

struct plug_method plug_cloud_info_method(enum plug_family family)
{
	const bool is_light = family == PLUG_FAMILY_BULB || family == PLUG_FAMILY_LIGHT_STRIP;

	return (struct plug_method) { is_light ? "smartlife.iot.common.cloud" : "cnCloud",
		"get_info" };
}

static struct plug_call_name name_of(struct plug_method method)
{
	return (struct plug_call_name) { .module = method.module, .method = method.method };
}

enum plug_error plug_request_wifi_info(struct plug_request *request)
{
	const struct plug_call_name name = name_of(plug_wifi_info_method);

	return plug_call_plain(request, &name);
}

enum plug_error plug_request_wifi_scan(struct plug_request *request, bool with_refresh)
{
	const struct plug_call_name name = name_of(plug_wifi_scan_method);
	struct plug_call call;

	plug_call_begin(&call, request, &name);
	plug_call_flag(&call, "refresh", with_refresh);
	if (with_refresh) {
		plug_call_int(&call, "timeout", PLUG_SCAN_S);
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_cloud_info(struct plug_request *request, enum plug_family family)
{
	const struct plug_call_name name = name_of(plug_cloud_info_method(family));

	return plug_call_plain(request, &name);
}

const char *plug_key_type_name(int key_type)
{
	static const char *const names[] = { "open", "WEP", "WPA", "WPA2", "WPA3" };

	return key_type >= 0 && (size_t)key_type < sizeof names / sizeof names[0] ? names[key_type]
										  : NULL;
}
