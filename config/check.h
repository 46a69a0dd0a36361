/* check.h - what one key alone cannot show: doubles, pairs, files, and advice. */
#ifndef PLUG_CONFIG_CHECK_H
#define PLUG_CONFIG_CHECK_H

#include <libconfig.h>

#include "config/config.h"
#include "config/report.h"

/* Checks config, as read from tree with its derived defaults set, and reads the password. Device i
 * and outlet k of config are element i and k of the lists of the tree. Fields that were refused
 * are NULL and are passed over. */
void config_check(const config_t *tree, struct config *config, struct config_report *report);

#endif
