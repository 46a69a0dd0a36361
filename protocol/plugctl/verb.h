/* verb.h - the table of verbs. A new verb is a row here and a file of its own or of its group. */
#ifndef PLUG_PLUGCTL_VERB_H
#define PLUG_PLUGCTL_VERB_H

#include "protocol/plugctl/command.h"
#include "protocol/plugctl/terminal/output.h"

struct job;

struct verb {
	const char *name;
	const char *const *words; /* "get", "set", ...: one must follow the verb; NULL-terminated */
	const char *argument;	  /* "JSON": one must follow the verb; NULL: none */
	uint64_t options;	  /* which of the verbs' own options it takes */
	const char *help;	  /* one line */

	/* Reads the verb's options; false after a complaint. May be NULL. */
	bool (*prepare)(struct command *command);
	/* What to do for one target, after its sysinfo was read; ends with job_done or job_fail. */
	void (*start)(struct job *job);
	/* For verbs that know no target: does it all and returns the exit status. */
	int (*run)(const struct command *command);
	bool takes_addresses; /* run reads the words behind the verb itself */
	bool uses_general;    /* run heeds the general options */

	const struct output_column *columns;
	const char *rows_key;
	/* Prints a good result in a form of its own; NULL: the usual ones. */
	void (*print)(const struct command *command, const struct output_result *result);
	bool shows_all;	    /* --verbose hides nothing */
	bool is_blind;	    /* does not read sysinfo first */
	bool is_one_outlet; /* of a strip it needs to be told which outlet, or all */
	bool is_whole;	    /* is about the device, so that no outlet can be meant */
	bool is_block;	    /* text of a single target is one line for each member */
	bool repeats;	    /* until interrupted or --count */
	bool is_restoring;  /* an interrupt ends its pauses, so that it can clear up */
	uint64_t (*extra_ms)(const struct command *command); /* added to the deadline */
};

/* NULL when there is none. */
const struct verb *verb_find(const char *name);

/* The nearest verb, or NULL. */
const char *verb_nearest(const char *wrong);

/* All of them, in the order of the help; NULL at the end. */
const struct verb *verb_at(size_t index);

#endif
