/* cfg_name.h - names for plugbridge.cfg, made from what people have called their devices.
 *
 * Letters of the Latin, Greek and Cyrillic alphabets become those that can be typed anywhere (ä is
 * ae, é is e); what else a name cannot have becomes a dash. Pure. */
#ifndef PLUG_PLUGCTL_CFG_NAME_H
#define PLUG_PLUGCTL_CFG_NAME_H

#include "config/config.h"

#include <stddef.h>

struct cfg_names {
	char (*items)[CONFIG_NAME_MAX_BYTES + 1];
	size_t count, capacity;
};

/* Returns a name that no other of names is (borrowed until names is cleared or grows); from
 * fallback, which is a valid name, when nothing of alias can be kept. */
const char *cfg_name_new(struct cfg_names *names, const char *alias, const char *fallback);
void cfg_names_clear(struct cfg_names *names);

#endif
