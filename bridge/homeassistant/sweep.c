#include "bridge/homeassistant/sweep.h"

#include "bridge/homeassistant/record.h"

void sweep_begin(struct store *store)
{
	store_unclaim_kind(store, STORE_DISCOVERY);
}

static void clear_record(struct publisher *publisher, const struct record *record)
{
	char topic[TOPIC_MAX_BYTES];

	if (record->form == RECORD_DEVICE) {
		publisher_clear_own(
			publisher, homeassistant_device_topic(record->prefix, record->id, topic));
		return;
	}
	for (int i = 0; i < HOMEASSISTANT_COMPONENT_COUNT; i++) {
		if (record->components & 1U << i) {
			publisher_clear_own(
				publisher, homeassistant_component_topic(record->prefix, record->id,
						   (enum homeassistant_component)i, topic));
		}
	}
}

/* A record that makes no sense is forgotten with the others. */
void sweep_clear(struct store *store, struct publisher *publisher)
{
	size_t count = 0;
	const struct store_entry *entries = store_entries(store, &count);

	for (size_t i = store_find(store, STORE_DISCOVERY, "");
		i < count && entries[i].kind == STORE_DISCOVERY; i++) {
		struct record record;

		if (!entries[i].is_current && record_parse(entries[i].text, &record)) {
			clear_record(publisher, &record);
		}
	}
}

bool sweep_keep(struct store *store)
{
	size_t count = 0;
	const struct store_entry *entries = store_entries(store, &count);
	bool has_kept = false;

	for (size_t i = store_find(store, STORE_DISCOVERY, "");
		i < count && entries[i].kind == STORE_DISCOVERY; i++) {
		if (!entries[i].is_current) {
			store_add(store, STORE_DISCOVERY, entries[i].text);
			has_kept = true;
		}
	}
	return has_kept;
}
