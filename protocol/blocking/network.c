#include "protocol/blocking/network.h"

#include <openssl/crypto.h>

#include "protocol/family.h"
#include "protocol/request.h"

static enum plug_family family_of(const struct plug_device *device)
{
	return plug_device_info(device)->family;
}

static enum plug_error read_wifi(
	struct plug_device *device, enum plug_wifi_module module, struct plug_network *network)
{
	struct plug_request request;
	const enum plug_error asked =
		plug_device_call(device, plug_request_wifi_info(&request, module), &request,
			plug_wifi_method(module, PLUG_WIFI_INFO));
	const enum plug_error read =
		plug_reply_wifi_info(plug_device_reply(device), module, network);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_wifi(struct plug_device *device, struct plug_network *network)
{
	const enum plug_error error = read_wifi(device, PLUG_WIFI_NETIF, network);

	return error == PLUG_EUNSUPPORTED ? read_wifi(device, PLUG_WIFI_ONBOARDING, network)
					  : error;
}

struct scan {
	enum plug_wifi_module module;
	bool with_refresh;
};

static enum plug_error read_scan(
	struct plug_device *device, const struct scan *scan, struct plug_networks *networks)
{
	struct plug_request request;
	const enum plug_error asked = plug_device_call(device,
		plug_request_wifi_scan(&request, scan->module, scan->with_refresh), &request,
		plug_wifi_method(scan->module, PLUG_WIFI_SCAN));
	const enum plug_error read =
		plug_reply_wifi_scan(plug_device_reply(device), scan->module, networks);

	return asked != PLUG_OK ? asked : read;
}

static enum plug_error read_any_scan(
	struct plug_device *device, bool with_refresh, struct plug_networks *networks)
{
	const struct scan netif = { PLUG_WIFI_NETIF, with_refresh };
	const struct scan onboarding = { PLUG_WIFI_ONBOARDING, with_refresh };
	const enum plug_error error = read_scan(device, &netif, networks);

	return error == PLUG_EUNSUPPORTED ? read_scan(device, &onboarding, networks) : error;
}

enum plug_error plug_device_wifi_scan(
	struct plug_device *device, bool with_refresh, struct plug_networks *networks)
{
	const uint64_t timeout_ms = plug_device_timeout_ms(device);
	const uint64_t patient_ms = timeout_ms + UINT64_C(2000) * PLUG_SCAN_S;
	enum plug_error error;

	if (with_refresh) {
		(void)plug_device_set_timeout(device, patient_ms < PLUG_DEVICE_TIMEOUT_MAX_MS
							      ? patient_ms
							      : PLUG_DEVICE_TIMEOUT_MAX_MS);
	}
	error = read_any_scan(device, with_refresh, networks);
	(void)plug_device_set_timeout(device, timeout_ms);
	return error;
}

static enum plug_error join_through(
	struct plug_device *device, enum plug_wifi_module module, const struct plug_wifi_join *join)
{
	struct plug_request request;
	const enum plug_error built = plug_request_wifi_join(&request, module, join);
	const enum plug_error error = plug_device_call_last(
		device, built, &request, plug_wifi_method(module, PLUG_WIFI_JOIN));

	OPENSSL_cleanse(&request, sizeof request);
	return error;
}

enum plug_error plug_device_wifi_join(struct plug_device *device, const struct plug_wifi_join *join)
{
	const enum plug_error error = join_through(device, PLUG_WIFI_NETIF, join);

	return error == PLUG_EUNSUPPORTED ? join_through(device, PLUG_WIFI_ONBOARDING, join)
					  : error;
}

enum plug_error plug_device_account(struct plug_device *device, struct plug_account *account)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;
	const enum plug_error asked =
		plug_device_call(device, plug_request_account(&request, family), &request,
			plug_account_method(PLUG_ACCOUNT_INFO, family));
	const enum plug_error read = plug_reply_account(plug_device_reply(device), family, account);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_bind(
	struct plug_device *device, const struct plug_credentials *credentials)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;
	const enum plug_error built = plug_request_bind(&request, family, credentials);
	const enum plug_error error = plug_device_call_once(
		device, built, &request, plug_account_method(PLUG_ACCOUNT_BIND, family));

	OPENSSL_cleanse(&request, sizeof request);
	return error;
}

enum plug_error plug_device_unbind(struct plug_device *device)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;

	return plug_device_call_once(device, plug_request_unbind(&request, family), &request,
		plug_account_method(PLUG_ACCOUNT_UNBIND, family));
}

enum plug_error plug_device_set_server(struct plug_device *device, const char *server)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;

	return plug_device_call_once(device, plug_request_set_server(&request, family, server),
		&request, plug_account_method(PLUG_ACCOUNT_SERVER, family));
}

enum plug_error plug_device_firmware_offers(struct plug_device *device, struct plug_offers *offers)
{
	const enum plug_family family = family_of(device);
	struct plug_request request;
	const enum plug_error asked =
		plug_device_call(device, plug_request_firmware_list(&request, family), &request,
			plug_account_method(PLUG_ACCOUNT_FIRMWARE, family));
	const enum plug_error read =
		plug_reply_firmware_list(plug_device_reply(device), family, offers);

	return asked != PLUG_OK ? asked : read;
}
