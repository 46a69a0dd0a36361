/* patch.h - changes keys of one device in the text of a configuration and leaves everything else,
 * comments and layout included, as it is.
 *
 *     { name = "steam-engine"; host = "192.168.1.145"; # by the window
 *     }
 *
 * The text is one that config_load has read without errors. Only the list "devices" of the text
 * itself is looked at, never a file it includes. No I/O here. */
#ifndef PLUG_CONFIG_TEXT_PATCH_H
#define PLUG_CONFIG_TEXT_PATCH_H

#include <stdbool.h>
#include <stddef.h>

/* What a key is to be. */
struct config_change {
	const char *key;
	const char *value;
	bool is_text; /* written in quotes */
};

/* Gives the text with the changes: a value that is there is replaced, a key that is missing is put
 * behind those it belongs to, in the layout of the device. Gives NULL, and why in *problem (free
 * both with free), when the device does not stand in this text, or more than once, or is written in
 * a way that this does not understand. */
char *config_patch_device(const char *text, const char *device, const struct config_change *changes,
	size_t count, char **problem);

/* Gives "host = \"192.168.1.146\"; mac = \"...\";" for people to write themselves (free with
 * free). */
char *config_patch_line(const struct config_change *changes, size_t count);

#endif
