/* rules.h - the options of schedule, countdown and away, made into a rule. */
#ifndef PLUG_PLUGCTL_RULES_H
#define PLUG_PLUGCTL_RULES_H

#include "protocol/plugctl/command.h"

/* Of the verb. */
enum plug_rule_kind rules_kind(const struct command *command);

/* Reads and checks the options, and for "add" makes command->rule; false after a complaint. */
bool rules_prepare(struct command *command);

/* Changes what the options name of a rule that is there. */
void rules_apply(const struct command *command, struct plug_rule *rule);

#endif
