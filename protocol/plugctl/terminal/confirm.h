/* confirm.h - the question before what cannot be undone. */
#ifndef PLUG_PLUGCTL_CONFIRM_H
#define PLUG_PLUGCTL_CONFIRM_H

#include "protocol/plugctl/command.h"

enum confirm_answer {
	CONFIRM_YES,	  /* with --yes, or typed at a terminal */
	CONFIRM_NO,	  /* anything else was typed: it was said that nothing was done */
	CONFIRM_NOT_ASKED /* after a complaint: there is no terminal */
};
enum confirm_answer confirm(const struct command *command, const char *question);

/* True when the answer is yes, else is_declined tells a no from a complaint. what is what will
 * happen to the targets: "will leave the network". */
bool confirm_targets(struct command *command, const char *what);

/* The same, but asks only when more than one device, or all outlets, are meant. */
bool confirm_several(struct command *command, const char *what);

#endif
