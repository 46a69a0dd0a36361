/* dimmer.h - what dimmers have beyond their brightness: how fast they fade, what their button does.
 *
 *     get_dimmer_parameters    {"minThreshold":14,"fadeOnTime":1000,"fadeOffTime":1000,
 *                               "gentleOnTime":3000,"gentleOffTime":10000,"rampRate":30}
 *     get_default_behavior     {"soft_on":{"mode":"last_status"},"hard_on","long_press",
 *                               "double_click"}
 *     set_dimmer_transition    {"brightness":50,"duration":1000}: 0 switches off, more on
 *
 * Module smartlife.iot.dimmer of HS220, KS220, KS230, ES20M and KP405; times in milliseconds.
 * Shapes: recordings of these. Each builder returns PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. No I/O
 * and no clock here. */
#ifndef PLUG_PROTOCOL_DIMMER_H
#define PLUG_PROTOCOL_DIMMER_H

#include "protocol/error.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stddef.h>

extern const struct plug_method plug_dimmer_get_method, plug_dimmer_behavior_method,
	plug_dimmer_transition_method;

/* percent 0 to 100, duration_ms 1 to PLUG_DIMMER_TIME_MAX_MS. */
enum { PLUG_DIMMER_TIME_MAX_MS = 3600 * 1000 };
enum plug_error plug_request_dimmer_transition(
	struct plug_request *request, int percent, int duration_ms);

/* The numbers that can be read and set, in the order of the answer. */
enum plug_dimmer_number {
	PLUG_DIMMER_MINIMUM, /* how little still lights the lamp, 0 to 100 */
	PLUG_DIMMER_FADE_ON_MS,
	PLUG_DIMMER_FADE_OFF_MS,
	PLUG_DIMMER_GENTLE_ON_MS,
	PLUG_DIMMER_GENTLE_OFF_MS,
	PLUG_DIMMER_RAMP_RATE, /* of the button, 0 to 100 */
	PLUG_DIMMER_NUMBER_COUNT,
};
struct plug_method plug_dimmer_method(enum plug_dimmer_number number);
enum plug_error plug_request_set_dimmer(
	struct plug_request *request, enum plug_dimmer_number number, int value);

enum plug_error plug_request_dimmer(struct plug_request *request);

/* As plug_reply_method; all unknown on failure. */
struct plug_dimmer {
	struct plug_figure numbers[PLUG_DIMMER_NUMBER_COUNT];
};
enum plug_error plug_reply_dimmer(const struct plug_reply *reply, struct plug_dimmer *dimmer);

/* What makes it act, and what it does then. */
enum plug_dimmer_press {
	PLUG_DIMMER_DOUBLE_CLICK,
	PLUG_DIMMER_LONG_PRESS,
	PLUG_DIMMER_PRESS_COUNT
};
struct plug_method plug_dimmer_press_method(enum plug_dimmer_press press);

/* mode is one of plug_dimmer_mode; PLUG_EINVAL otherwise. */
enum plug_error plug_request_set_dimmer_press(
	struct plug_request *request, enum plug_dimmer_press press, const char *mode);

/* "none", "last_status", "instant_on_off", "gentle_on_off"; NULL at the end. Static. */
const char *plug_dimmer_mode(size_t index);

enum plug_error plug_request_dimmer_behavior(struct plug_request *request);

/* Borrowed until the reply is cleared, NULL where none is told. As plug_reply_method; all NULL on
 * failure. */
struct plug_dimmer_behavior {
	const char *modes[PLUG_DIMMER_PRESS_COUNT];
};
enum plug_error plug_reply_dimmer_behavior(
	const struct plug_reply *reply, struct plug_dimmer_behavior *behavior);

#endif
