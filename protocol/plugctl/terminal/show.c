#include "protocol/plugctl/terminal/show.h"

#include <stdlib.h>

#include "protocol/plugctl/terminal/redact.h"
#include "protocol/plugctl/verb.h"

static enum redact_level level_of(const struct command *command)
{
	if (command->verb->shows_all) {
		return REDACT_NOTHING;
	}
	return command_has(command, OPTION_UNREDACTED) ? REDACT_PASSWORDS : REDACT_ALL;
}

void show(const struct command *command, const struct dump *line)
{
	const enum redact_level level = level_of(command);
	struct dump dump = *line;
	char *shown;

	if (command->verbosity == 0) {
		return;
	}
	shown = redact_text(line->text, line->size, level);
	fprintf(stderr, "%s %c %s\n", line->name, line->mark, shown);
	free(shown);
	if (command->verbosity > 1) {
		dump.open_size = redact_open_size(line->text, line->size, level);
		dump_print(stderr, &dump);
	}
}
