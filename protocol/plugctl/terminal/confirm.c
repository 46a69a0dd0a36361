#include "protocol/plugctl/terminal/confirm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/plugctl/terminal/memory.h"

enum confirm_answer confirm(const struct command *command, const char *question)
{
	char answer[16] = "";

	if (command_has(command, OPTION_YES)) {
		return CONFIRM_YES;
	}
	if (!isatty(STDIN_FILENO)) {
		command_complain(command, "asks first: without a terminal it needs --yes");
		return CONFIRM_NOT_ASKED;
	}
	fprintf(stderr, "%s\nType yes to go on: ", question);
	if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0) {
		return CONFIRM_YES;
	}
	command_tell(command, "nothing was done");
	return CONFIRM_NO;
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

bool confirm_targets(struct command *command, const char *what)
{
	char *targets = name_targets(command);
	char *question = memory_format("%s %s.", targets, what);
	const enum confirm_answer answer = confirm(command, question);

	free(targets);
	free(question);
	command->is_declined = answer == CONFIRM_NO;
	return answer == CONFIRM_YES;
}

bool confirm_several(struct command *command, const char *what)
{
	const bool is_several = command->target_count > 1 || command_has(command, OPTION_ALL) ||
				command_has(command, OPTION_ALL_OUTLETS);

	return !is_several || confirm_targets(command, what);
}
