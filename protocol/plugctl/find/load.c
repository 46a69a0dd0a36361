#include "protocol/plugctl/find/load.h"

#include <stdio.h>

/* As each message of ours begins. */
static void print(const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problems one = { &problems->items[i], 1, 0 };

		fputs("plugctl: ", stderr);
		config_problems_print(&one, stderr);
	}
}

bool load_config(const struct command *command, struct config **config)
{
	struct config_problems problems = { 0 };
	bool is_good;

	*config = NULL;
	if (!command_has(command, OPTION_CONFIG)) {
		return true;
	}
	if (command->values[OPTION_CONFIG][0] == '\0') {
		return command_complain(command, "--config needs a file");
	}
	is_good = config_load_without_secrets(command->values[OPTION_CONFIG], config, &problems);
	if (!is_good) {
		print(&problems);
	}
	config_problems_clear(&problems);
	return is_good;
}
