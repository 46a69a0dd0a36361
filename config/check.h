/* check.h - what one key alone cannot show: doubles, pairs, files, and advice. */
#ifndef PLUG_CONFIG_CHECK_H
#define PLUG_CONFIG_CHECK_H

#include <libconfig.h>

#include "config/config.h"
#include "config/report.h"

/* Checks config, as read from tree with its derived defaults set. Device i and outlet k of config
 * are element i and k of the lists of the tree. Fields that were refused are NULL and are passed
 * over. */
typedef void config_check_fn(
	const config_t *tree, struct config *config, struct config_report *report);

/* Looks for the files of broker.tls too, and reads the password. */
config_check_fn config_check;

/* Touches no file. */
config_check_fn config_check_without_secrets;

#endif
