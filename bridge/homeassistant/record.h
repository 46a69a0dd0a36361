/* record.h - which discovery messages of ours the broker keeps, as lines of the store:
 *
 *     discovery <id> device|components <components in hexadecimal> <prefix>
 *
 * Noted when the first message of a device goes out, and for the last time when it is cleared. */
#ifndef PLUG_BRIDGE_HOMEASSISTANT_RECORD_H
#define PLUG_BRIDGE_HOMEASSISTANT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/mqtt/homeassistant.h"
#include "bridge/store.h"

enum record_form { RECORD_DEVICE, RECORD_COMPONENTS, RECORD_FORM_COUNT };

struct record {
	char id[HOMEASSISTANT_ID_BYTES];
	enum record_form form;
	uint32_t components;
	const char *prefix; /* points into the line */
};

/* Reads the text of a store entry; false when it makes no sense. */
bool record_parse(const char *text, struct record *record);

/* The components kept for this id in this form; 0 for none. */
uint32_t record_find(
	const struct store *store, const char *id, enum record_form form, const char *prefix);
/* Replaces what was there; no components: removes it. */
void record_set(struct store *store, const struct record *record);

/* Claims every record of this id under this prefix, in both forms. */
void record_claim(struct store *store, const char *id, const char *prefix);

#endif
