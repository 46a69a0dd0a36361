/* file.h - opening and reading the small files a configuration names. */
#ifndef PLUG_CONFIG_TEXT_FILE_H
#define PLUG_CONFIG_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct config_file {
	char *bytes; /* NUL-terminated; NULL when reading failed */
	size_t size; /* without the NUL */
	mode_t mode;
	char *error; /* why reading failed, in words that do not name the file; NULL otherwise */
};

/* Reads a regular file of at most max_bytes; a directory, a pipe or a device is refused without
 * waiting. Returns false with out->error set when that cannot be done. Clear out either way. */
bool config_file_read(const char *path, size_t max_bytes, struct config_file *out);

/* Wipes the bytes, for they may be a password, and frees them. */
void config_file_clear(struct config_file *file);

/* Gives NULL when path is a regular file that can be read, else why not (free with free). */
char *config_file_problem(const char *path);

/* Gives path as seen from the folder of file: unchanged when absolute (free with free). */
char *config_file_beside(const char *file, const char *path);

/* Overwrites a secret in a way the compiler keeps. NULL is allowed. */
void config_file_wipe(char *bytes, size_t size);

#endif
