#include "protocol/plugctl/confirm.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool confirm(const struct command *command, const char *question)
{
	char answer[16] = "";

	if (command_has(command, OPTION_YES)) {
		return true;
	}
	if (!isatty(STDIN_FILENO)) {
		return command_complain(
			command, "cannot be undone: without a terminal it needs --yes");
	}
	fprintf(stderr, "%s\nType yes to go on: ", question);
	if (fgets(answer, sizeof answer, stdin) && strcmp(answer, "yes\n") == 0) {
		return true;
	}
	return command_complain(command, "nothing was done");
}
