/* cfg_text.h - a plugbridge.cfg of what a search found.
 *
 * Devices that can be used get an entry with name, host and MAC, strips their outlets; of the
 * others a comment says why not. Aliases are strangers' words: they become names (cfg_name.h) and
 * labels, without what would end a text or a comment. Source of the form: config/keys.c. Pure. */
#ifndef PLUG_PLUGCTL_CFG_TEXT_H
#define PLUG_PLUGCTL_CFG_TEXT_H

#include "protocol/plugctl/find/search.h"

/* Whether the bridge could use the device as it is now. */
bool cfg_text_is_usable(const struct search_list *list, const struct search_device *device);

/* The text (caller frees). broadcast is put in as discovery.broadcast; count 0: the default. */
char *cfg_text(const struct search_list *list, char *const *broadcast, size_t broadcast_count);

#endif
