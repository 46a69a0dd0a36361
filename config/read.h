/* read.h - reads libconfig's tree into struct config, driven by the table of keys. */
#ifndef PLUG_CONFIG_READ_H
#define PLUG_CONFIG_READ_H

#include <libconfig.h>

#include "config/config.h"
#include "config/report.h"

/* Fills config, which is zeroed, with the defaults and with what root says. What is wrong is
 * reported and keeps its default. Fields whose default depends on others stay zero or NULL. */
void config_tree_read(
	const config_setting_t *root, struct config *config, struct config_report *report);

#endif
