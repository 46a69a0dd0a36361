/* rules.h - what a device does by itself: schedule, countdown, away mode.
 *
 *     outlet   as in outlet.h; each outlet of a strip has rules of its own
 *
 * Each returns PLUG_EINVAL for an outlet that is not there (for a strip PLUG_DEVICE_ITSELF is
 * none), and what plug_device_call returns. Shapes and sources: protocol
 * headers rules.h and due.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_RULES_H
#define PLUG_PROTOCOL_BLOCKING_RULES_H

#include "protocol/blocking/device.h"
#include "protocol/due.h"
#include "protocol/error.h"
#include "protocol/rules.h"

#include <stdbool.h>

/* Which list of rules. */
struct plug_rule_place {
	enum plug_rule_kind kind;
	int outlet;
};

/* Empty on failure. */
enum plug_error plug_device_rules(
	struct plug_device *device, const struct plug_rule_place *place, struct plug_rules *rules);

/* Adds a rule, whatever id it carries. *id, which may be NULL, is that which the device gave it;
 * "" on failure. PLUG_EINVAL for a rule that cannot be; PLUG_EDEVICE with err_code -10 when the
 * table is full, which for countdowns it is with one. Sent at most once: after PLUG_ETIMEOUT or
 * PLUG_ERESET look whether it is there before adding it again. */
enum plug_error plug_device_add_rule(struct plug_device *device,
	const struct plug_rule_place *place, const struct plug_rule *rule,
	char id[PLUG_RULE_ID_BYTES]);

/* Puts a whole rule in the place of that with its id. */
enum plug_error plug_device_edit_rule(struct plug_device *device,
	const struct plug_rule_place *place, const struct plug_rule *rule);

enum plug_error plug_device_delete_rule(
	struct plug_device *device, const struct plug_rule_place *place, const char *id);

/* All of the list. */
enum plug_error plug_device_delete_rules(
	struct plug_device *device, const struct plug_rule_place *place);

/* The list as a whole; rules have a switch of their own (edit them). */
enum plug_error plug_device_enable_rules(
	struct plug_device *device, const struct plug_rule_place *place, bool is_enabled);

/* What the schedule of an outlet will do next; zeroes on failure. The id is borrowed until the next
 * call. PLUG_EDEVICE with err_code -11 while the device's clock is not set. */
enum plug_error plug_device_due(struct plug_device *device, int outlet, struct plug_due *due);

#endif
