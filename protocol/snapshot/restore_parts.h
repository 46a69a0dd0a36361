/* restore_parts.h - what restore.c and restore_take.c share; for these two only. */
#ifndef PLUG_PROTOCOL_SNAPSHOT_RESTORE_PARTS_H
#define PLUG_PROTOCOL_SNAPSHOT_RESTORE_PARTS_H

#include "protocol/snapshot/restore.h"

enum restore_phase {
	PHASE_SET,
	PHASE_CHECK,
	PHASE_CHECK_TIME,
	PHASE_LIST,
	PHASE_CLEAR,
	PHASE_ADD,
	PHASE_FIND, /* was the rule added, although there was no answer? */
	PHASE_SWITCH,
	PHASE_CHECK_RULES,
};

/* Whether an item is a list of rules, and which. */
bool plug_restore_is_rules(const struct plug_restore_item *item);
enum plug_rule_kind plug_restore_kind(const struct plug_restore_item *item);

/* The item that is dealt with now. */
struct plug_restore_item *plug_restore_current(struct plug_restore *restore);

/* What the item is made of: its rules as they were read, one of them as it is to be sent, whose
 * they are on the new device, and the name. */
const struct plug_rule_set *plug_restore_set(
	const struct plug_restore *restore, const struct plug_restore_item *item);
struct plug_rule plug_restore_rule(
	const struct plug_restore *restore, const struct plug_restore_item *item, size_t index);
struct plug_rule_ask plug_restore_whose(
	const struct plug_restore *restore, const struct plug_restore_item *item);
const char *plug_restore_alias(
	const struct plug_restore *restore, const struct plug_restore_item *item);

/* Goes to the next phase of the item; ends it and goes to the next one; ends everything. */
void plug_restore_go_on(struct plug_restore *restore, enum restore_phase phase);
void plug_restore_end(
	struct plug_restore *restore, enum plug_restore_result result, const char *why);
void plug_restore_give_up(struct plug_restore *restore, const char *why);

#endif
