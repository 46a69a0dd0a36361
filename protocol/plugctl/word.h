/* word.h - which options go with which word of a verb. */
#ifndef PLUG_PLUGCTL_WORD_H
#define PLUG_PLUGCTL_WORD_H

#include "protocol/plugctl/command.h"

/* One for each word of the verb, in any order; ends with a NULL word. Bits as OPTION_BIT makes
 * them. */
struct word_options {
	const char *word;
	uint64_t needs;
	uint64_t takes; /* beside these and the general ones */
};

/* False, after a complaint, when an option is missing, or given that means nothing here. */
bool word_check(const struct command *command, const struct word_options *words);

/* Which word was given. */
bool word_is(const struct command *command, const char *word);

#endif
