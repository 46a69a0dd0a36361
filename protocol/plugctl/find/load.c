#include "protocol/plugctl/find/load.h"

bool load_config(const struct command *command, struct config **config)
{
	struct config_problems problems = { 0 };
	bool is_good;

	*config = NULL;
	if (!command_has(command, OPTION_CONFIG)) {
		return true;
	}
	is_good = config_load_without_secrets(command->values[OPTION_CONFIG], config, &problems);
	if (!is_good) {
		config_problems_print(&problems, stderr);
	}
	config_problems_clear(&problems);
	return is_good;
}
