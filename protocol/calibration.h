/* calibration.h - how an energy meter turns what it measures into volts and amperes.
 *
 *     get_vgain_igain      {"vgain":13462,"igain":16835}
 *     set_vgain_igain      {"vgain","igain"}
 *     start_calibration    {"vtarget","itarget"}: what a reference instrument shows now
 *
 * Gains are without a unit; typical for HS110: 13255 and 16489. That of the targets is not known.
 * Wrong ones spoil every reading until the right ones are set again: note them first. Source:
 * softScheck's list of commands for HS110. Neither setting nor starting may be sent twice.
 * Each builder returns PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_CALIBRATION_H
#define PLUG_PROTOCOL_CALIBRATION_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdint.h>

struct plug_calibration {
	int64_t voltage, current; /* gains or targets, 1 to PLUG_CALIBRATION_MAX */
};
enum { PLUG_CALIBRATION_MAX = 1000000000 };

enum plug_calibration_call {
	PLUG_CALIBRATION_GET,
	PLUG_CALIBRATION_SET,	/* gains */
	PLUG_CALIBRATION_START, /* targets */
};
struct plug_method plug_calibration_method(
	enum plug_calibration_call call, enum plug_family family);

/* Whose meter, and what is wanted of it. child_id is one outlet of a strip, or NULL. */
struct plug_calibration_ask {
	enum plug_calibration_call call;
	enum plug_family family;
	const char *child_id;
};

/* values may be NULL for PLUG_CALIBRATION_GET. */
enum plug_error plug_request_calibration(struct plug_request *request,
	const struct plug_calibration_ask *ask, const struct plug_calibration *values);

/* The answer to PLUG_CALIBRATION_GET. PLUG_EPROTO and zeroes when a gain is missing; otherwise as
 * plug_reply_method. */
enum plug_error plug_reply_calibration(
	const struct plug_reply *reply, enum plug_family family, struct plug_calibration *values);

#endif
