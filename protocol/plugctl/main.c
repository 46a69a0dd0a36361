#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"
#include "protocol/plugctl/command.h"
#include "protocol/plugctl/run.h"
#include "protocol/plugctl/softscheck.h"
#include "protocol/plugctl/targets.h"
#include "protocol/plugctl/verb.h"

enum { EXIT_USAGE = 2 };

/* True with *config NULL when none was asked for. Advice is for the bridge: only errors are
 * told. */
static bool load_config(const struct command *command, struct config **config)
{
	struct config_problems problems = { 0 };
	bool is_good;

	*config = NULL;
	if (!command_has(command, OPTION_CONFIG)) {
		return true;
	}
	is_good = config_load(command->values[OPTION_CONFIG], config, &problems);
	if (!is_good) {
		config_problems_print(&problems, stderr);
	}
	config_problems_clear(&problems);
	return is_good;
}

static bool find_targets(
	const struct command *command, const struct config *config, struct targets *targets)
{
	const struct targets_from from = { config, command->values[OPTION_OUTLET] };

	if (command_has(command, OPTION_ALL)) {
		targets_add_all(targets, &from);
	}
	for (size_t i = 0; i < command->target_count; i++) {
		char *problem = targets_add(targets, &from, command->targets[i]);

		if (problem) {
			command_complain(command, "%s", problem);
			free(problem);
			return false;
		}
	}
	return targets->count > 0 || command_complain(command, "the configuration has no devices");
}

static int run(const struct command *command)
{
	struct config *config = NULL;
	struct targets targets = { 0 };
	int status = EXIT_USAGE;

	if (command->verb->run) {
		return command->verb->run(command);
	}
	if (load_config(command, &config) && find_targets(command, config, &targets)) {
		status = run_all(command, &targets);
	}
	targets_clear(&targets);
	config_free(config);
	return status;
}

int main(int argc, char **argv)
{
	static struct command command;

	if (softscheck_is_meant(argc, argv)) {
		return softscheck_run(argc, argv);
	}
	switch (command_read(argc, argv, &command)) {
	case COMMAND_RUN:
		return run(&command);
	case COMMAND_DONE:
		return EXIT_SUCCESS;
	default:
		return EXIT_USAGE;
	}
}
