/* scan.h - turns a configuration file and what it includes into one flat text for libconfig.
 *
 * The flat text says the same in the same lines, without comments, and mends what libconfig 1.5
 * (Debian 12) does to a text without a word:
 *     99999999999999      becomes 276447231: written 99999999999999L, so that it keeps its value
 *     0xFFFFFFFF          becomes -1: likewise
 *     "pro\x00jector"     loses its NUL: refused
 *     an open comment     hides the rest of the file: refused
 *     a last comment without a line end is a syntax error: dropped as any comment
 *     a misplaced string  is leaked: refused before libconfig sees it
 *     @include            counts from the working directory, and a directory ends the program:
 *                         read here, and counted from the folder of the including file
 * A line of the flat text is also the order of problems. */
#ifndef PLUG_CONFIG_TEXT_SCAN_H
#define PLUG_CONFIG_TEXT_SCAN_H

#include <stddef.h>

#include "config/text/outline.h"

enum {
	CONFIG_FILE_MAX_BYTES = 16 * 1024 * 1024, /* with all it includes */
	CONFIG_INCLUDE_DEPTH_MAX = 10,		  /* as libconfig has it */
	CONFIG_INCLUDES_MAX = 1000,
};

/* From this line of the flat text on, lines come from that file. */
struct config_segment {
	int flat_line;
	size_t file; /* which of files */
	int line;
};

struct config_text {
	char *text; /* NUL-terminated */
	size_t size, capacity;
	char **files; /* the first is the main file */
	size_t file_count, file_capacity;
	struct config_segment *segments;
	size_t segment_count, segment_capacity;
	struct config_outline outline;
	int last_line; /* of the last token; libconfig meets the end of the text behind it */
	char *stop;    /* what ended the scan, in words; NULL when all was read. The text then
			* ends in a character that libconfig refuses in stop_line */
	int stop_line; /* of the flat text; 0 when the main file cannot be read at all */
};

struct config_line {
	const char *file; /* borrowed from the text */
	int line;	  /* 0 for the whole file */
};

/* Scans file into text. Clear text in any case. */
void config_text_scan(const char *file, struct config_text *text);
void config_text_clear(struct config_text *text);

/* Says where a line of the flat text comes from. */
struct config_line config_text_locate(const struct config_text *text, int flat_line);

#endif
