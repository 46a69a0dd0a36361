#include "protocol/blocking/maintenance.h"

#include "protocol/identity.h"
#include "protocol/request.h"
#include "protocol/settings.h"

enum plug_error plug_device_reboot(struct plug_device *device, int delay_s)
{
	struct plug_request request;

	return plug_device_call_last(
		device, plug_request_reboot(&request, delay_s), &request, plug_reboot_method);
}

enum plug_error plug_device_reset(struct plug_device *device, int delay_s)
{
	struct plug_request request;

	return plug_device_call_last(
		device, plug_request_reset(&request, delay_s), &request, plug_reset_method);
}

enum plug_error plug_device_download(struct plug_device *device, const char *url)
{
	struct plug_request request;

	return plug_device_call_once(
		device, plug_request_download(&request, url), &request, plug_download_method);
}

enum plug_error plug_device_download_state(
	struct plug_device *device, struct plug_download *download)
{
	struct plug_request request;
	struct plug_device_error refusal;
	const enum plug_error asked = plug_device_call(device,
		plug_request_download_state(&request), &request, plug_download_state_method);
	const enum plug_error read =
		plug_reply_download(plug_device_reply(device), download, &refusal);

	/* A refusal may mean that nothing is downloaded. */
	return asked == PLUG_OK || asked == PLUG_EDEVICE ? read : asked;
}

enum plug_error plug_device_flash(struct plug_device *device)
{
	struct plug_request request;

	return plug_device_call_last(
		device, plug_request_flash(&request), &request, plug_flash_method);
}

enum plug_error plug_device_check_config(struct plug_device *device)
{
	struct plug_request request;

	return plug_device_call_once(
		device, plug_request_check_config(&request), &request, plug_check_config_method);
}

enum plug_error plug_device_check_uboot(struct plug_device *device, const char **uboot)
{
	struct plug_request request;
	const enum plug_error asked = plug_device_call_once(
		device, plug_request_check_uboot(&request), &request, plug_check_uboot_method);
	const enum plug_error read = plug_reply_uboot(plug_device_reply(device), uboot);

	return asked != PLUG_OK ? asked : read;
}

enum plug_error plug_device_set_test_mode(struct plug_device *device, bool is_on)
{
	struct plug_request request;

	return plug_device_call_once(device, plug_request_set_test_mode(&request, is_on), &request,
		plug_test_mode_method);
}

enum plug_error plug_device_set_mac(
	struct plug_device *device, const uint8_t mac[static PLUG_MAC_BYTES])
{
	struct plug_request request;

	return plug_device_call_once(
		device, plug_request_set_mac(&request, mac), &request, plug_set_mac_method);
}

enum plug_error plug_device_set_device_id(struct plug_device *device, const char *device_id)
{
	struct plug_request request;

	return plug_device_call_once(device, plug_request_set_device_id(&request, device_id),
		&request, plug_set_device_id_method);
}

enum plug_error plug_device_set_hardware_id(struct plug_device *device, const char *hardware_id)
{
	struct plug_request request;

	return plug_device_call_once(device, plug_request_set_hardware_id(&request, hardware_id),
		&request, plug_set_hardware_id_method);
}
