#include "tests/sim/methods/handlers.h"

enum { WPA2 = 3, CLOUD_ONLINE = 1 };

int sim_get_stainfo(struct sim_call *call)
{
	sim_text_string(call->out, "ssid", "Museum-Plugs");
	sim_text_int(call->out, "key_type", WPA2);
	sim_text_int(call->out, "rssi", call->device->rssi_dbm);
	return SIM_OK;
}

static void add_access_point(struct sim_text *out, const char *ssid, int key_type, int rssi_dbm)
{
	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_string(out, "ssid", ssid);
	sim_text_int(out, "key_type", key_type);
	sim_text_int(out, "rssi", rssi_dbm);
	sim_text_close(out, '}');
}

int sim_get_scaninfo(struct sim_call *call)
{
	sim_text_key(call->out, "ap_list");
	sim_text_open(call->out, '[');
	add_access_point(call->out, "Museum-Plugs", WPA2, call->device->rssi_dbm);
	add_access_point(call->out, "Museum-Office", WPA2, -61);
	add_access_point(call->out, "Museum-Visitors", 0, -58);
	add_access_point(call->out, "Caf\xC3\xA9 \"Zum Dampfross\"", WPA2, -83);
	sim_text_close(call->out, ']');
	return SIM_OK;
}

/* Bound to an account, so that a program that must not tell its name has one to keep. */
int sim_get_cloud_info(struct sim_call *call)
{
	struct sim_text *out = call->out;

	sim_text_string(out, "username", "curator@museum.example");
	sim_text_string(out, "server", "n-devs.tplinkcloud.com");
	sim_text_int(out, "binded", 1);
	sim_text_int(out, "cld_connection", call->device->has_internet);
	sim_text_int(out, "illegalType", 0);
	sim_text_int(out, "stopConnect", 0);
	sim_text_int(out, "tcspStatus", CLOUD_ONLINE);
	sim_text_string(out, "fwDlPage", "");
	sim_text_string(out, "tcspInfo", "");
	sim_text_int(out, "fwNotifyType", 0);
	return SIM_OK;
}
