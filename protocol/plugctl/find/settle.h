/* settle.h - which of the devices that a search found a target means. No I/O here. */
#ifndef PLUG_PLUGCTL_SETTLE_H
#define PLUG_PLUGCTL_SETTLE_H

#include "protocol/plugctl/find/search.h"
#include "protocol/plugctl/find/targets.h"

/* Whether the device may be the one, by what it claims. */
bool settle_is_meant(const struct search_device *device, const struct target *target);
bool settle_has_mac(const struct search_device *device, const struct target *target);

/* Gives a target that was sought its host, outlet and MAC, or its problem. Only a device that was
 * confirmed over TCP is taken, and none when there are several. */
void settle_target(struct target *target, const struct search_list *list);

/* In words, why a device that answered over UDP cannot be reached (caller frees). */
char *settle_silent(const struct search_device *device);

#endif
