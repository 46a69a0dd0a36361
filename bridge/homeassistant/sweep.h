/* sweep.h - clears the discovery messages that no device claims any more. */
#ifndef PLUG_BRIDGE_HOMEASSISTANT_SWEEP_H
#define PLUG_BRIDGE_HOMEASSISTANT_SWEEP_H

#include <stdbool.h>

#include "bridge/mqtt/publisher.h"
#include "bridge/store.h"

/* After this, record_claim what is still wanted. */
void sweep_begin(struct store *store);
/* Clears the rest; store_forget_others forgets it when that is through. */
void sweep_clear(struct store *store, struct publisher *publisher);
/* Keeps the rest for now; false when there is none. */
bool sweep_keep(struct store *store);

#endif
