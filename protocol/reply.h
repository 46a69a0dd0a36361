/* reply.h - what devices answer: the envelope every reply comes in, and the small answers.
 *
 *     {"<module>":{"<method>":{...,"err_code":0}}}
 *
 * Errors come at three levels (reply, module, method) and all three are checked.
 * get_sysinfo is in sysinfo.h, energy in reading.h, hardware addresses in mac.h.
 * Strings are borrowed: they live until the reply is cleared. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_REPLY_H
#define PLUG_PROTOCOL_REPLY_H

#include "protocol/error.h"
#include "protocol/family.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plug_reply {
	struct json_object *root;
};

/* What the device called its error. */
struct plug_device_error {
	int err_code;
	const char *err_msg; /* borrowed, NULL when the device sent none */
};

/* Parses the text of one frame. Returns PLUG_OK, PLUG_EPROTO (also for anything but an object) or
 * PLUG_ENOMEM; reply->root is NULL then. */
enum plug_error plug_reply_parse(struct plug_reply *reply, const char *text, size_t size);
void plug_reply_clear(struct plug_reply *reply);

/* Finds the answer of one method and sets *answer (borrowed). Returns PLUG_OK;
 * PLUG_EUNSUPPORTED or PLUG_EDEVICE with *error filled when the device refused; PLUG_EPROTO when
 * there is no answer to it. The most specific level that says something decides: the method, then
 * its module, then the reply. A missing err_code is 0. error may be NULL. */
enum plug_error plug_reply_method(const struct plug_reply *reply, const char *module,
	const char *method, struct json_object **answer, struct plug_device_error *error);

/* A number that answers may leave out. */
struct plug_figure {
	bool is_known;
	int64_t value; /* 0 when it is not known */
};

/* The member key of an answer; not known when it is missing, no whole number, or outside. */
struct plug_figure plug_reply_figure(
	struct json_object *answer, const char *key, int64_t min, int64_t max);

/* True when the device was still at a long command and took no other (-32): again after a second.
 */
bool plug_reply_is_busy(const struct plug_reply *reply);

/* The answer to set_relay_state and its relatives: PLUG_OK, or what plug_reply_method says. */
enum plug_error plug_reply_switch(
	const struct plug_reply *reply, enum plug_family family, struct plug_device_error *error);

struct plug_time {
	int year, month, day, hour, minute,
		second; /* the device's local time; month and day from 1 */
};

/* PLUG_EPROTO when a field is missing or no calendar has it; *time is zeroed on failure. */
enum plug_error plug_reply_time(
	const struct plug_reply *reply, enum plug_family family, struct plug_time *time);

#endif
