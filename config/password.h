/* password.h - the broker's password, from a file that others cannot read. */
#ifndef PLUG_CONFIG_PASSWORD_H
#define PLUG_CONFIG_PASSWORD_H

#include <stdbool.h>

enum { CONFIG_PASSWORD_MAX_BYTES = 1024 };

/* Gives the password in path without its line end (free after config_file_wipe) and true; or
 * *password NULL, why not in *error (free with free) and false. The reason never holds any of the
 * file, nor its name: somebody may have written the password there. */
bool config_password_load(const char *path, char **password, char **error);

#endif
