/* derive.h - defaults that depend on other keys. */
#ifndef PLUG_CONFIG_DERIVE_H
#define PLUG_CONFIG_DERIVE_H

#include <libconfig.h>

#include "config/config.h"
#include "config/text/scan.h"

/* Sets every field of config, as read from tree, that is not set and follows from others: the TLS
 * port, the client's id, labels, rooms, poll times, the one outlet of a plug; and the lines. */
void config_derive(const config_t *tree, const struct config_text *text, struct config *config);

#endif
