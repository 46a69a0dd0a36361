/* system and emeter: what the factory needs once, and nobody else should touch. */
#include "protocol/json.h"
#include "protocol/mac.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/names.h"
#include "tests/sim/device/seed.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum { UBOOT_DIGITS = 128, SEED_UBOOT = 5, GAIN_MAX = 65535 };

/* Written with dashes, as the firmware writes it. */
int sim_set_mac_addr(struct sim_call *call)
{
	const char *text = NULL;
	uint8_t mac[PLUG_MAC_BYTES];

	if (!plug_json_string(call->arguments, "mac", &text) || !strchr(text, '-') ||
		!plug_mac_parse(text, mac)) {
		return SIM_INVALID_ARGUMENT;
	}
	memcpy(call->device->mac, mac, sizeof mac);
	return SIM_OK;
}

static int set_id(struct sim_call *call, const char *key, size_t digits, char **id)
{
	const char *text = NULL;

	if (!plug_json_string(call->arguments, key, &text) || strlen(text) != digits ||
		strspn(text, "0123456789ABCDEFabcdef") != digits) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_replace(id, text);
	return SIM_OK;
}

int sim_set_device_id(struct sim_call *call)
{
	return set_id(call, "deviceId", SIM_DEVICE_ID_DIGITS, &call->device->id);
}

int sim_set_hw_id(struct sim_call *call)
{
	return set_id(call, "hwId", SIM_HARDWARE_ID_DIGITS, &call->device->hardware_id);
}

int sim_test_check_uboot(struct sim_call *call)
{
	sim_text_key(call->out, "uboot");
	sim_text_add(call->out, "\"");
	sim_seed_add_hex(call->out, SEED_UBOOT, UBOOT_DIGITS);
	sim_text_add(call->out, "\"");
	return SIM_OK;
}

/* A real one wants to hear this from 192.168.1.100, which nobody here can be: whoever asks may. */
int sim_set_test_mode(struct sim_call *call)
{
	return plug_json_flag(call->arguments, "enable", &call->device->is_test_mode)
		       ? SIM_OK
		       : SIM_INVALID_ARGUMENT;
}

int sim_check_new_config(struct sim_call *call)
{
	(void)call;
	return SIM_OK;
}

int sim_get_vgain_igain(struct sim_call *call)
{
	const struct sim_outlet *outlet = &call->device->outlets[call->outlet];

	sim_text_int(call->out, "vgain", outlet->vgain);
	sim_text_int(call->out, "igain", outlet->igain);
	return SIM_OK;
}

static int set_gains(struct sim_call *call, const char *voltage, const char *current)
{
	int32_t vgain = 0;
	int32_t igain = 0;

	if (!sim_read_int(call, voltage, GAIN_MAX, &vgain) ||
		!sim_read_int(call, current, GAIN_MAX, &igain)) {
		return SIM_INVALID_ARGUMENT;
	}
	for (size_t i = 0; i < call->device->model->outlet_count; i++) {
		if (call->outlets & 1U << i) {
			call->device->outlets[i].vgain = vgain;
			call->device->outlets[i].igain = igain;
		}
	}
	return SIM_OK;
}

int sim_set_vgain_igain(struct sim_call *call)
{
	return set_gains(call, "vgain", "igain");
}

/* Ends where it was told to. */
int sim_start_calibration(struct sim_call *call)
{
	return set_gains(call, "vtarget", "itarget");
}
