/* sysinfo.h - the answer to get_sysinfo: who a device is and how its outlets stand.
 *
 *     plug         relay_state, on_time, next_action: {"type", "schd_sec", "action"}, active_mode
 *     strip        children: [{"id", "state", "alias", "on_time", "next_action"}, ...]
 *     bulb         light_state: {"on_off", ...}, what it will light with one level deeper when off
 *
 * Field names and quirks: the recordings of 84 devices. Strings are borrowed: they live until the
 * reply is cleared. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_SYSINFO_H
#define PLUG_PROTOCOL_SYSINFO_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/mac.h"
#include "protocol/reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLUG_OUTLETS_MAX = 16,	  /* HS300 has 6 */
	PLUG_CHILD_ID_BYTES = 64, /* 42 characters on real strips; with room and its NUL */
};

/* What the device will do next by itself. */
enum plug_next_kind { PLUG_NEXT_NONE, PLUG_NEXT_SCHEDULE, PLUG_NEXT_COUNTDOWN };

struct plug_next_action {
	enum plug_next_kind kind;
	bool is_on;
	int32_t at_s; /* seconds after the device's local midnight; -1: it does not say */
};

/* One outlet as get_sysinfo shows it. */
struct plug_outlet_info {
	char child_id[PLUG_CHILD_ID_BYTES]; /* full form; "" for a device with one outlet */
	const char *alias;
	bool is_on;
	bool has_on_time;  /* the device counts, and did not say a negative number */
	int64_t on_time_s; /* 0 without, and while off */
	struct plug_next_action next;
};

/* Text fields are never NULL. Location, account and ids are not read at all, but for the device id
 * that short child ids are completed with. */
struct plug_sysinfo {
	enum plug_family family;
	bool has_mac;
	uint8_t mac[PLUG_MAC_BYTES];
	const char *model;    /* "HS110(EU)" */
	const char *hardware; /* "1.0" */
	const char *firmware; /* "1.2.5 Build 171213 Rel.101523" */
	const char *alias;
	bool has_timer;	 /* the feature list says that it keeps rules; bulbs do not say */
	bool has_energy; /* asked of the feature list; bulbs always */
	bool has_rssi;
	int rssi_dbm;
	bool is_updating; /* firmware update running */
	bool has_brightness;
	int brightness_percent;
	size_t outlet_count; /* 1, or the children of a strip; 0 when the family is unsupported */
	struct plug_outlet_info outlets[PLUG_OUTLETS_MAX];
};

/* Returns PLUG_OK; PLUG_EPROTO when the object lacks what its family must have (a relay state,
 * children with ids), or has more than PLUG_OUTLETS_MAX children; or what plug_reply_method
 * returned. On failure *info is zeroed, its texts are NULL. */
enum plug_error plug_reply_sysinfo(const struct plug_reply *reply, struct plug_sysinfo *info);

#endif
