/* snapshot.h - what can be carried over from one device to another that takes its place: names,
 * light, location, time zone and rules.
 *
 *     {"plug_snapshot":1,"taken_s":1795262400,"mac":"50:C7:BF:00:00:01","family":"plug",
 *      "model":"HS110(EU)","has_energy":true,"alias":"Steam engine","led":true,
 *      "latitude_i":523702,"longitude_i":48952,"zone":41,
 *      "outlets":[{"alias":"Steam engine",
 *                  "schedule":{"enable":true,"left_out":0,"rules":[{...}]},
 *                  "countdown":{...},"away":{...}}]}
 *
 * Rules are written in the devices' own words (rules.h). What is not known is left out. The text
 * holds where the device is: keep it from others. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_SNAPSHOT_SNAPSHOT_H
#define PLUG_PROTOCOL_SNAPSHOT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/mac.h"
#include "protocol/rules.h"
#include "protocol/settings.h"
#include "protocol/sysinfo.h"

enum {
	PLUG_ALIAS_BYTES = 129, /* the vendor's app takes 31 characters */
	PLUG_MODEL_BYTES = 33,
	PLUG_RULE_KINDS = PLUG_RULE_AWAY + 1,
	/* Bounds what may be read of a file. */
	PLUG_SNAPSHOT_MAX_BYTES = 512 * 1024,
};

/* One list of rules of one outlet. */
struct plug_rule_set {
	bool is_known;
	bool has_switch; /* the list as a whole can be on or off */
	bool is_enabled;
	struct plug_rule *rules; /* owned */
	size_t count;
	size_t left_out; /* more that cannot be carried over: they set values of a light, or name
			  * no day */
};

struct plug_outlet_snapshot {
	char alias[PLUG_ALIAS_BYTES];		     /* "" when not known */
	struct plug_rule_set rules[PLUG_RULE_KINDS]; /* by enum plug_rule_kind */
};

/* Zeroed it says that nothing is known. */
struct plug_snapshot {
	int64_t taken_s;	 /* seconds since 1970; 0: it was never read, only guessed */
	enum plug_family family; /* PLUG_FAMILY_UNSUPPORTED when not known */
	bool has_mac;
	uint8_t mac[PLUG_MAC_BYTES];
	char model[PLUG_MODEL_BYTES]; /* "" when not known */
	bool has_energy;	      /* it had a meter */
	char alias[PLUG_ALIAS_BYTES]; /* of the device: a strip has a name beside its outlets' */
	bool has_led, is_led_on;
	bool has_location;
	struct plug_location location;
	bool has_zone;
	int zone; /* clock.h */
	size_t outlet_count;
	struct plug_outlet_snapshot outlets[PLUG_OUTLETS_MAX];
};

/* Frees the rules; everything is zero then. */
void plug_snapshot_clear(struct plug_snapshot *snapshot);

/* Gives the JSON text (free with free). Returns PLUG_OK; PLUG_ETOOBIG when there are more rules
 * than plug_snapshot_parse would read, or PLUG_ENOMEM, and *text is NULL. */
enum plug_error plug_snapshot_format(const struct plug_snapshot *snapshot, char **text);

/* Reads what plug_snapshot_format wrote. Returns PLUG_OK (clear it later); PLUG_EPROTO for anything
 * else or a later version, PLUG_ETOOBIG or PLUG_ENOMEM, and *snapshot is zeroed. */
enum plug_error plug_snapshot_parse(const char *text, size_t size, struct plug_snapshot *snapshot);

/* Whether one device can take the place of another. */
enum plug_fit {
	PLUG_FITS,
	PLUG_FITS_WITHOUT_METER, /* the old one had a meter, the new one has none */
	PLUG_FITS_NOT_FAMILY,
	PLUG_FITS_NOT_OUTLETS, /* another number of outlets */
};
enum plug_fit plug_snapshot_fit(const struct plug_snapshot *old, const struct plug_snapshot *fresh);

/* True when both do the same at the same times; ids and names may differ. */
bool plug_rule_is_same(
	enum plug_rule_kind kind, const struct plug_rule *a, const struct plug_rule *b);

/* Copies as much of text as fits, cut between characters. */
void plug_snapshot_copy_text(char *out, size_t size, const char *text);

/* Reads a device, question by question: ask for what plug_snapshot_ask says, hand the answer to
 * plug_snapshot_take, until it is done. The requests change nothing and may be repeated. */
struct plug_snapshot_reading {
	struct plug_snapshot snapshot; /* whole once it is done; clear it in any case */
	size_t step;
	bool has_rules;
	char child_ids[PLUG_OUTLETS_MAX][PLUG_CHILD_ID_BYTES];
};

void plug_snapshot_begin(struct plug_snapshot_reading *reading, int64_t taken_s);
bool plug_snapshot_is_done(const struct plug_snapshot_reading *reading);

/* PLUG_EINVAL when it is done, else as the builders say. */
enum plug_error plug_snapshot_ask(
	const struct plug_snapshot_reading *reading, struct plug_request *request);

/* Returns PLUG_OK and goes on to the next question, also when the device will not tell: then it is
 * not known. After PLUG_EDEVICE (it is busy) and PLUG_EPROTO the same question may be asked again;
 * PLUG_EUNSUPPORTED is a device without a relay. Otherwise as the parsers of the answers say. */
enum plug_error plug_snapshot_take(
	struct plug_snapshot_reading *reading, const struct plug_reply *reply);

#endif
