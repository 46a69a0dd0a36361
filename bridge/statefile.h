/* statefile.h - a text file of state_dir, written whole to a second file that is moved over the
 * first, off the loop.
 *
 * After a crash at any moment the file is the old one or the new one. What a disk or an editor did
 * to it shows line by line: its reader skips what makes no sense, and that is told. */
#ifndef PLUG_BRIDGE_STATEFILE_H
#define PLUG_BRIDGE_STATEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <uv.h>

enum {
	/* Longer lines are damage. */
	STATEFILE_LINE_MAX_BYTES = 1024,
};

enum statefile_verdict {
	STATEFILE_TAKEN,
	STATEFILE_SKIPPED, /* makes no sense */
	STATEFILE_REFUSED, /* the whole file is not for this version */
};

struct statefile_events {
	/* One line without its end; number counts from 0. Damaged ones are not shown. */
	enum statefile_verdict (*take_line)(void *arg, const char *line, size_t number);
	/* Gives a copy of all that the file is to hold, in one piece of memory ... */
	void *(*copy)(void *arg);
	/* ... and writes it to out, on another thread: what takes long does not hold up the loop.
	 * Errors show in out. */
	void (*write)(const void *copy, FILE *out);
	/* The file is written and forgotten. */
	void (*on_closed)(void *arg);
};

struct statefile;

/* Makes the folder, reads the file and writes it again, so that a folder that cannot be written is
 * known at once. Gives NULL and a text in *problem (caller frees) when that is not possible or the
 * file was refused; it is as it was then. */
struct statefile *statefile_open(uv_loop_t *loop, const char *folder, const char *name,
	const struct statefile_events *events, void *arg, char **problem);

/* What the file holds is not what it should hold any more. */
void statefile_change(struct statefile *file);
/* Writes in so many milliseconds, unless nothing changed or a write is planned already. */
void statefile_save(struct statefile *file, uint64_t delay_ms);

/* Writes what is left now, and calls on_closed on a later turn of the loop. */
void statefile_close(struct statefile *file);

#endif
