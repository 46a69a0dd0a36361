/* edit.h - writes what has become of a device into plugbridge.cfg.
 *
 * Only the values of the keys that change are touched. The new text is written beside the file with
 * the same owner and mode, loaded and checked, and moved over it in one step; the file as it was
 * stays beside it as FILE.bak. Whatever cannot be done safely is not done, and said. */
#ifndef PLUG_CONFIG_EDIT_H
#define PLUG_CONFIG_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/text/patch.h"

/* Returns true when file holds the changes now; *backup is the file as it was then (free with
 * free). False, and why not in *problem (free with free), when file is as it was before. */
bool config_edit_device(const char *file, const char *device, const struct config_change *changes,
	size_t count, char **backup, char **problem);

/* The same without writing anything into the file: true when it could be done, as far as can be
 * seen. The checked copy is removed again. */
bool config_edit_try(const char *file, const char *device, const struct config_change *changes,
	size_t count, char **problem);

#endif
