#include "bridge/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/text.h"
#include "protocol/mac.h"

static const char *const kind_words[STORE_KIND_COUNT] = {
	[STORE_OUTLET] = "outlet ",
	[STORE_BRIDGE] = "bridge ",
	[STORE_PIN] = "pin ",
};

static const char first_line[] = "plugbridge state 1";

enum {
	LINE_MAX_BYTES = 1024,
	/* Changes that come together, as at first contact with many devices, are written once. */
	SAVE_DELAY_MS = 500,
	FOLDER_MODE = 0750,
	FILE_MODE = 0640,
};

struct store {
	char *file;
	char *new_file;
	struct store_entry *entries; /* sorted by kind and text */
	size_t count, capacity;
	bool is_dirty;
	bool is_writing;
	bool is_closing;
	char *text;  /* being written */
	int failure; /* errno of the last write, 0 for none */
	int told_failure;
	uv_timer_t delay;
	uv_work_t work;
};

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
	store->is_dirty = true;
}

void store_unclaim(struct store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		store->entries[i].is_current = false;
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
			store->is_dirty = true;
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

/* The pin that starts with "<host> <device> ", or NULL. */
static struct store_entry *find_pin(const struct store *store, const char *start)
{
	const size_t at = place_of(store, STORE_PIN, start);

	if (at < store->count && store->entries[at].kind == STORE_PIN &&
		strncmp(store->entries[at].text, start, strlen(start)) == 0) {
		return &store->entries[at];
	}
	return NULL;
}

bool store_find_pin(
	struct store *store, const char *device, const char *host, uint8_t mac[static 6])
{
	char *start = mem_printf("%s %s ", host, device);
	struct store_entry *pin = find_pin(store, start);

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
	struct store_entry *old = find_pin(store, start);
	char text[PLUG_MAC_TEXT_BYTES];
	char *pin = NULL;

	plug_mac_format(mac, text);
	pin = mem_printf("%s%s", start, text);
	if (old) {
		store->is_dirty = mem_replace(&old->text, pin) || store->is_dirty;
		old->is_current = true;
	} else {
		store_add(store, STORE_PIN, pin);
	}
	free(start);
	free(pin);
}

static bool take_line(struct store *store, const char *line)
{
	for (int kind = 0; kind < STORE_KIND_COUNT; kind++) {
		const size_t size = strlen(kind_words[kind]);
		uint8_t mac[PLUG_MAC_BYTES];

		if (strncmp(line, kind_words[kind], size) == 0 && line[size] != '\0' &&
			(kind != STORE_PIN || read_pin(line + size, mac))) {
			store_add(store, (enum store_kind)kind, line + size);
			return true;
		}
	}
	return false;
}

/* Reads one line up to its end, of which it must have one; false at the end of the file. The rest
 * of a line that is too long belongs to it, and is never taken for a line. */
static bool read_line(FILE *in, char line[static LINE_MAX_BYTES], bool *is_good)
{
	size_t size = 0;
	int byte = getc(in);

	*is_good = byte != EOF;
	if (!*is_good) {
		return false;
	}
	for (; byte != '\n' && byte != EOF; byte = getc(in)) {
		*is_good = *is_good && byte != '\0' && size < LINE_MAX_BYTES - 1;
		if (*is_good) {
			line[size++] = (char)byte;
		}
	}
	line[size] = '\0';
	*is_good = *is_good && byte == '\n';
	return true;
}

/* Lines that are cut, binary or of a later version are skipped: what they said is learned anew. */
static void read_lines(struct store *store, FILE *in)
{
	char line[LINE_MAX_BYTES] = "";
	size_t number = 0;
	size_t skipped = 0;
	bool is_good = false;

	while (read_line(in, line, &is_good)) {
		if (number++ == 0 && is_good && strcmp(line, first_line) == 0) {
			continue;
		}
		skipped += !is_good || !take_line(store, line);
	}
	if (skipped > 0) {
		log_warn("%s: %zu damaged lines skipped", store->file, skipped);
	}
	store->is_dirty = skipped > 0;
}

/* The whole file as one text, for the thread that writes it. */
static char *serialize(const struct store *store)
{
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

static bool write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR) {
			return false;
		}
		text += written > 0 ? written : 0;
		left -= written > 0 ? (size_t)written : 0;
	}
	return fsync(fd) == 0;
}

/* On a thread of libuv's pool, or on the loop at the very end. */
static void write_file(struct store *store)
{
	const int fd = open(store->new_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	bool is_written = fd >= 0 && write_all(fd, store->text);
	int failure = is_written ? 0 : errno;

	if (fd >= 0 && close(fd) != 0 && is_written) {
		is_written = false;
		failure = errno;
	}
	if (is_written && rename(store->new_file, store->file) != 0) {
		failure = errno;
	}
	store->failure = failure;
}

static void tell_failure(struct store *store)
{
	if (store->failure != store->told_failure) {
		store->told_failure = store->failure;
		if (store->failure != 0) {
			log_warn(
				"%s: cannot be written: %s", store->file, strerror(store->failure));
		}
	}
}

static void on_work(uv_work_t *work)
{
	write_file(work->data);
}

static void finish_close(struct store *store);

static void on_work_done(uv_work_t *work, int status)
{
	struct store *store = work->data;

	(void)status;
	free(store->text);
	store->text = NULL;
	store->is_writing = false;
	tell_failure(store);
	if (store->is_closing) {
		store->is_dirty = store->is_dirty || store->failure != 0;
		finish_close(store);
	} else if (store->failure != 0) {
		/* Tried again with the next change or at the end, not in a loop. */
		store->is_dirty = true;
	} else {
		store_save(store);
	}
}

static void on_delay(uv_timer_t *timer)
{
	struct store *store = timer->data;

	if (store->is_writing || !store->is_dirty) {
		return;
	}
	store->is_dirty = false;
	store->is_writing = true;
	store->text = serialize(store);
	(void)uv_queue_work(timer->loop, &store->work, on_work, on_work_done);
}

void store_save(struct store *store)
{
	if (store->is_dirty && !store->is_closing && !uv_is_active((uv_handle_t *)&store->delay)) {
		uv_timer_start(&store->delay, on_delay, SAVE_DELAY_MS, 0);
	}
}

static void free_store(struct store *store)
{
	for (size_t i = 0; i < store->count; i++) {
		free(store->entries[i].text);
	}
	free(store->entries);
	free(store->file);
	free(store->new_file);
	free(store->text);
	free(store);
}

static void on_closed(uv_handle_t *handle)
{
	free_store(handle->data);
}

static void finish_close(struct store *store)
{
	if (store->is_dirty) {
		store->text = serialize(store);
		write_file(store);
		tell_failure(store);
	}
	uv_close((uv_handle_t *)&store->delay, on_closed);
}

void store_close(struct store *store)
{
	if (!store) {
		return;
	}
	store->is_closing = true;
	uv_timer_stop(&store->delay);
	if (!store->is_writing) {
		finish_close(store);
	}
}

/* Makes the folder and reads the file; true when both can be used. */
static bool load(struct store *store, const char *folder, char **problem)
{
	FILE *in = NULL;

	if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		*problem = mem_printf(
			"bridge.state_dir \"%s\" cannot be made: %s: name a folder that this user "
			"may write",
			folder, strerror(errno));
		return false;
	}
	in = fopen(store->file, "re");
	if (!in && errno != ENOENT) {
		*problem = mem_printf("%s cannot be read: %s", store->file, strerror(errno));
		return false;
	}
	if (in) {
		read_lines(store, in);
		fclose(in);
	}
	store->text = serialize(store);
	write_file(store);
	free(store->text);
	store->text = NULL;
	if (store->failure != 0) {
		*problem = mem_printf("bridge.state_dir \"%s\" cannot be written: %s: name a "
				      "folder that this user "
				      "may write",
			folder, strerror(store->failure));
	}
	return store->failure == 0;
}

struct store *store_open(uv_loop_t *loop, const char *folder, char **problem)
{
	struct store *store = mem_new(sizeof *store);

	*problem = NULL;
	store->file = mem_printf("%s/plugbridge.state", folder);
	store->new_file = mem_printf("%s/plugbridge.state.new", folder);
	if (!load(store, folder, problem)) {
		free_store(store);
		return NULL;
	}
	uv_timer_init(loop, &store->delay);
	store->delay.data = store;
	store->work.data = store;
	return store;
}
