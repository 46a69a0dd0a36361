#include "protocol/plugctl/word.h"

#include <string.h>

#include "protocol/plugctl/verb.h"

static const struct option_row {
	const char *name;
	const char *value;
	bool is_general;
} rows[] = {
#define OPTION_ROW(id, name, value, general, help) { name, value, (general) != NULL },
	OPTION_TABLE(OPTION_ROW)
#undef OPTION_ROW
};

bool word_is(const struct command *command, const char *word)
{
	return strcmp(command->word, word) == 0;
}

bool word_check(const struct command *command, const struct word_options *words)
{
	const char *verb = command->verb->name;

	while (words->word && !word_is(command, words->word)) {
		words++;
	}
	for (size_t i = 0; i < OPTION_END; i++) {
		const uint64_t bit = UINT64_C(1) << i;

		if (!command->values[i] && (words->needs & bit) != 0) {
			return command_complain(command, "%s needs --%s %s", command->word,
				rows[i].name, rows[i].value ? rows[i].value : "");
		}
		if (command->values[i] && !rows[i].is_general &&
			((words->needs | words->takes) & bit) == 0) {
			return command_complain(command, "--%s does not go with '%s %s'",
				rows[i].name, verb, command->word);
		}
	}
	return true;
}
