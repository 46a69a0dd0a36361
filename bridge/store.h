/* store.h - what the bridge must know again after a restart, in one file of state_dir.
 *
 *     plugbridge state 1
 *     outlet <base>/plug/<name>             retained topics below it are ours to clear
 *     bridge <base>/bridge/<id>
 *     pin <host> <device> <mac>             learned at first contact, where none is configured
 *     address <host> <device> <mac> <IPv4>  where it was found last, when not at its host
 *     discovery <id> <form> <...> <prefix>  Home Assistant's, see homeassistant/record.h
 *
 * A line that makes no sense is skipped and told (statefile.h). */
#ifndef PLUG_BRIDGE_STORE_H
#define PLUG_BRIDGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum store_kind {
	STORE_OUTLET,
	STORE_BRIDGE,
	STORE_PIN,
	STORE_ADDRESS,
	STORE_DISCOVERY,
	STORE_KIND_COUNT
};

/* One line: kind and the text behind it. */
struct store_entry {
	enum store_kind kind;
	bool is_current; /* claimed by the configuration that runs */
	char *text;
};

struct store;

/* Reads what is there. Gives NULL and a text in *problem (caller frees) when the folder cannot be
 * made, read or written. */
struct store *store_open(uv_loop_t *loop, const char *folder, char **problem);

/* Borrowed until the store changes. */
const struct store_entry *store_entries(const struct store *store, size_t *count);

/* A new configuration claims what it needs with store_add and store_find_pin, after this; what it
 * did not claim stays until store_forget_others. */
void store_unclaim(struct store *store);
void store_unclaim_kind(struct store *store, enum store_kind kind);
void store_forget_others(struct store *store);

/* Copies text; claims it when it is there already. */
void store_add(struct store *store, enum store_kind kind, const char *text);

/* Frees the entry, if it is there. */
void store_remove(struct store *store, enum store_kind kind, const char *text);
/* The place of the first entry of this kind that does not come before text; entries are sorted. */
size_t store_find(const struct store *store, enum store_kind kind, const char *text);

/* Finds, claims and sets the pin of a device at a host; setting replaces the one before. */
bool store_find_pin(
	struct store *store, const char *device, const char *host, uint8_t mac[static 6]);
void store_set_pin(
	struct store *store, const char *device, const char *host, const uint8_t mac[static 6]);

/* Whose address it is: it counts for the device with this MAC while this host is configured ("" for
 * none). */
struct store_place {
	const char *device, *host;
	const uint8_t *mac;
};

/* Gives and claims the address (caller frees), NULL for none; setting replaces the one before, and
 * address NULL forgets it. */
char *store_find_address(struct store *store, const struct store_place *place);
void store_set_address(struct store *store, const struct store_place *place, const char *address);

/* Writes soon, off the loop, when something changed. */
void store_save(struct store *store);

/* Writes what is left now and frees the store on a later turn of the loop; NULL is allowed. */
void store_close(struct store *store);

#endif
