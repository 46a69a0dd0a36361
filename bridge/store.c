#include "bridge/store.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/statefile.h"
#include "bridge/text.h"
#include "protocol/mac.h"

static const char *const kind_words[STORE_KIND_COUNT] = {
	[STORE_OUTLET] = "outlet ",
	[STORE_BRIDGE] = "bridge ",
	[STORE_PIN] = "pin ",
	[STORE_ADDRESS] = "address ",
	[STORE_DISCOVERY] = "discovery ",
};

static const char first_line[] = "plugbridge state 1";

enum {
	/* Changes that come together, as at first contact with many devices, are written once. */
	SAVE_DELAY_MS = 500,
};

struct store {
	struct statefile *file;	     /* NULL while it is read */
	struct store_entry *entries; /* sorted by kind and text */
	size_t count, capacity;
};

/* What is read is written again at once. */
static void change(struct store *store)
{
	if (store->file) {
		statefile_change(store->file);
	}
}

static int compare(const struct store_entry *entry, enum store_kind kind, const char *text)
{
	return entry->kind != kind ? (entry->kind < kind ? -1 : 1) : strcmp(entry->text, text);
}

/* The place of an entry, or where it would be. */
static size_t place_of(const struct store *store, enum store_kind kind, const char *text)
{
	size_t low = 0;
	size_t high = store->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare(&store->entries[middle], kind, text) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool is_at(const struct store *store, size_t at, enum store_kind kind, const char *text)
{
	return at < store->count && compare(&store->entries[at], kind, text) == 0;
}

const struct store_entry *store_entries(const struct store *store, size_t *count)
{
	*count = store->count;
	return store->entries;
}

void store_add(struct store *store, enum store_kind kind, const char *text)
{
	const size_t at = place_of(store, kind, text);

	if (is_at(store, at, kind, text)) {
		store->entries[at].is_current = true;
		return;
	}
	if (store->count == store->capacity) {
		store->capacity = store->capacity > 0 ? 2 * store->capacity : 64;
		store->entries =
			mem_resize(store->entries, store->capacity, sizeof *store->entries);
	}
	memmove(&store->entries[at + 1], &store->entries[at],
		(store->count - at) * sizeof *store->entries);
	store->entries[at] =
		(struct store_entry) { .kind = kind, .is_current = true, .text = mem_copy(text) };
	store->count++;
	change(store);
}

void store_remove(struct store *store, enum store_kind kind, const char *text)
{
	const size_t at = place_of(store, kind, text);

	if (is_at(store, at, kind, text)) {
		free(store->entries[at].text);
		store->count--;
		memmove(&store->entries[at], &store->entries[at + 1],
			(store->count - at) * sizeof *store->entries);
		change(store);
	}
}

size_t store_find(const struct store *store, enum store_kind kind, const char *text)
{
	return place_of(store, kind, text);
}

void store_unclaim(struct store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		store->entries[i].is_current = false;
	}
}

void store_unclaim_kind(struct store *store, enum store_kind kind)
{
	for (size_t i = place_of(store, kind, ""); i < store->count; i++) {
		if (store->entries[i].kind == kind) {
			store->entries[i].is_current = false;
		}
	}
}

void store_forget_others(struct store *store)
{
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (store->entries[i].is_current) {
			store->entries[kept++] = store->entries[i];
		} else {
			free(store->entries[i].text);
			change(store);
		}
	}
	store->count = kept;
}

/* "<host> <device> <mac>": reads the MAC at the end. */
static bool read_pin(const char *pin, uint8_t mac[static PLUG_MAC_BYTES])
{
	const char *last = strrchr(pin, ' ');

	return last && plug_mac_parse(last + 1, mac);
}

/* The entry that starts so, or NULL. */
static struct store_entry *find_start(
	const struct store *store, enum store_kind kind, const char *start)
{
	const size_t at = place_of(store, kind, start);

	if (at < store->count && store->entries[at].kind == kind &&
		strncmp(store->entries[at].text, start, strlen(start)) == 0) {
		return &store->entries[at];
	}
	return NULL;
}

/* Puts start and what follows in place of the entry that starts so. */
static void set_rest(struct store *store, enum store_kind kind, const char *start, const char *rest)
{
	struct store_entry *old = find_start(store, kind, start);
	char *text = mem_printf("%s%s", start, rest);

	if (!old) {
		store_add(store, kind, text);
	} else {
		old->is_current = true;
		if (mem_replace(&old->text, text)) {
			change(store);
		}
	}
	free(text);
}

bool store_find_pin(
	struct store *store, const char *device, const char *host, uint8_t mac[static 6])
{
	char *start = mem_printf("%s %s ", host, device);
	struct store_entry *pin = find_start(store, STORE_PIN, start);

	free(start);
	if (!pin || !read_pin(pin->text, mac)) {
		return false;
	}
	pin->is_current = true;
	return true;
}

void store_set_pin(
	struct store *store, const char *device, const char *host, const uint8_t mac[static 6])
{
	char *start = mem_printf("%s %s ", host, device);
	char text[PLUG_MAC_TEXT_BYTES];

	plug_mac_format(mac, text);
	set_rest(store, STORE_PIN, start, text);
	free(start);
}

/* What an address starts with; "-" for no host. */
static char *address_start(const struct store_place *place)
{
	char mac[PLUG_MAC_TEXT_BYTES];

	plug_mac_format(place->mac, mac);
	return mem_printf(
		"%s %s %s ", place->host[0] != '\0' ? place->host : "-", place->device, mac);
}

static bool is_address(const char *text)
{
	const char *last = strrchr(text, ' ');
	struct in_addr address;

	return last && inet_pton(AF_INET, last + 1, &address) == 1;
}

char *store_find_address(struct store *store, const struct store_place *place)
{
	char *start = address_start(place);
	struct store_entry *entry = find_start(store, STORE_ADDRESS, start);

	free(start);
	if (!entry) {
		return NULL;
	}
	entry->is_current = true;
	return mem_copy(strrchr(entry->text, ' ') + 1);
}

void store_set_address(struct store *store, const struct store_place *place, const char *address)
{
	char *start = address_start(place);
	struct store_entry *entry = find_start(store, STORE_ADDRESS, start);

	if (address) {
		set_rest(store, STORE_ADDRESS, start, address);
	} else if (entry) {
		store_remove(store, STORE_ADDRESS, entry->text);
	}
	free(start);
}

static bool is_valid(enum store_kind kind, const char *text)
{
	uint8_t mac[PLUG_MAC_BYTES];

	switch (kind) {
	case STORE_PIN:
		return read_pin(text, mac);
	case STORE_ADDRESS:
		return is_address(text);
	default:
		return text[0] != '\0';
	}
}

static bool take_line(struct store *store, const char *line)
{
	for (int kind = 0; kind < STORE_KIND_COUNT; kind++) {
		const size_t size = strlen(kind_words[kind]);

		if (strncmp(line, kind_words[kind], size) == 0 &&
			is_valid((enum store_kind)kind, line + size)) {
			store_add(store, (enum store_kind)kind, line + size);
			return true;
		}
	}
	return false;
}

/* Lines that are cut, binary or of a later version are skipped: what they said is learned anew. */
static enum statefile_verdict on_line(void *arg, const char *line, size_t number)
{
	if (number == 0 && strcmp(line, first_line) == 0) {
		return STATEFILE_TAKEN;
	}
	return take_line(arg, line) ? STATEFILE_TAKEN : STATEFILE_SKIPPED;
}

/* The whole file as one text, for the thread that writes it. */
static void *copy(void *arg)
{
	const struct store *store = arg;
	size_t capacity = sizeof first_line + 1;
	struct text text;

	for (size_t i = 0; i < store->count; i++) {
		capacity += strlen(kind_words[store->entries[i].kind]) +
			    strlen(store->entries[i].text) + 1;
	}
	text_init(&text, mem_array(capacity + 1, 1), capacity + 1);
	text_put(&text, first_line);
	text_put(&text, "\n");
	for (size_t i = 0; i < store->count; i++) {
		text_put(&text, kind_words[store->entries[i].kind]);
		text_put(&text, store->entries[i].text);
		text_put(&text, "\n");
	}
	return text.bytes;
}

static void write_text(const void *text, FILE *out)
{
	(void)fputs(text, out);
}

void store_save(struct store *store)
{
	statefile_save(store->file, SAVE_DELAY_MS);
}

static void free_store(void *arg)
{
	struct store *store = arg;

	for (size_t i = 0; i < store->count; i++) {
		free(store->entries[i].text);
	}
	free(store->entries);
	free(store);
}

static const struct statefile_events file_events = {
	.take_line = on_line,
	.copy = copy,
	.write = write_text,
	.on_closed = free_store,
};

void store_close(struct store *store)
{
	if (store) {
		statefile_close(store->file);
	}
}

struct store *store_open(uv_loop_t *loop, const char *folder, char **problem)
{
	struct store *store = mem_new(sizeof *store);

	store->file =
		statefile_open(loop, folder, "plugbridge.state", &file_events, store, problem);
	if (!store->file) {
		free_store(store);
		return NULL;
	}
	return store;
}
