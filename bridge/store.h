/* store.h - what the bridge must know again after a restart, in one file of state_dir.
 *
 *     plugbridge state 1
 *     outlet <base>/plug/<name>             retained topics below it are ours to clear
 *     bridge <base>/bridge/<id>
 *     pin <host> <device> <mac>             learned at first contact, where none is configured
 *
 * Written whole to a second file and moved over the first, off the loop; a line that makes no
 * sense is skipped and told. */
#ifndef PLUG_BRIDGE_STORE_H
#define PLUG_BRIDGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum store_kind { STORE_OUTLET, STORE_BRIDGE, STORE_PIN, STORE_KIND_COUNT };

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
void store_forget_others(struct store *store);

/* Copies text; claims it when it is there already. */
void store_add(struct store *store, enum store_kind kind, const char *text);

/* Finds, claims and sets the pin of a device at a host; setting replaces the one before. */
bool store_find_pin(
	struct store *store, const char *device, const char *host, uint8_t mac[static 6]);
void store_set_pin(
	struct store *store, const char *device, const char *host, const uint8_t mac[static 6]);

/* Writes soon, off the loop, when something changed. */
void store_save(struct store *store);

/* Writes what is left now and frees the store on a later turn of the loop; NULL is allowed. */
void store_close(struct store *store);

#endif
