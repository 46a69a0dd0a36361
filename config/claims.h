/* claims.h - names, addresses and MACs that only one may have. */
#ifndef PLUG_CONFIG_CLAIMS_H
#define PLUG_CONFIG_CLAIMS_H

#include <libconfig.h>

#include "config/config.h"
#include "config/report.h"

/* Reports every name, address and MAC that an earlier device or outlet has already. */
void config_claims_check(
	const config_t *tree, const struct config *config, struct config_report *report);

#endif
