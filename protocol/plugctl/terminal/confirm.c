#include "protocol/plugctl/terminal/confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/plugctl/terminal/memory.h"

bool confirm(const struct command *command, const char *question)
{
	char answer[16] = "";

	if (command_has(command, OPTION_YES)) {
		return true;
	}
	if (!isatty(STDIN_FILENO)) {
		return command_complain(command, "asks first: without a terminal it needs --yes");
	}
	fprintf(stderr, "%s\nType yes to go on: ", question);
	if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0) {
		return true;
	}
	return command_complain(command, "nothing was done");
}

static char *name_targets(const struct command *command)
{
	if (!command_has(command, OPTION_ALL)) {
		return command->target_count == 1
			       ? memory_copy(command->targets[0])
			       : memory_format("%zu devices, %s first,", command->target_count,
					 command->targets[0]);
	}
	return memory_format("All devices %s", command_has(command, OPTION_CONFIG)
						       ? "of the configuration"
						       : "that a search finds");
}

bool confirm_targets(const struct command *command, const char *what)
{
	char *targets = name_targets(command);
	char *question = memory_format("%s %s.", targets, what);
	const bool is_meant = confirm(command, question);

	free(targets);
	free(question);
	return is_meant;
}
