#include "bridge/moves/history.h"

#include <stdlib.h>

#include "bridge/mem.h"

enum { FIRST_CAPACITY = 4 };

/* Once full, a ring: first is the oldest. */
struct history {
	struct history_entry *entries;
	size_t capacity, count, first;
};

static void grow(struct history *history)
{
	size_t capacity = history->capacity > 0 ? 2 * history->capacity : FIRST_CAPACITY;

	if (capacity > HISTORY_MAX) {
		capacity = HISTORY_MAX;
	}
	history->entries = mem_resize(history->entries, capacity, sizeof *history->entries);
	history->capacity = capacity;
}

/* The place for a new entry, emptied. */
static struct history_entry *make_room(struct history *history)
{
	struct history_entry *oldest = NULL;

	if (history->count == history->capacity && history->capacity < HISTORY_MAX) {
		grow(history);
	}
	if (history->count < history->capacity) {
		return &history->entries[history->count++];
	}
	oldest = &history->entries[history->first];
	free(oldest->words);
	history->first = (history->first + 1) % history->capacity;
	return oldest;
}

void history_add(struct history **history, const struct history_entry *entry)
{
	struct history_entry *room = NULL;

	if (!*history) {
		*history = mem_new(sizeof **history);
	}
	room = make_room(*history);
	*room = *entry;
	room->words = mem_copy(entry->words);
}

size_t history_count(const struct history *history)
{
	return history ? history->count : 0;
}

const struct history_entry *history_at(const struct history *history, size_t index)
{
	return &history->entries[(history->first + index) % history->capacity];
}

const struct history_entry *history_last_move(const struct history *history)
{
	for (size_t i = history_count(history); i > 0; i--) {
		const struct history_entry *entry = history_at(history, i - 1);

		if (entry->kind == HISTORY_RELAY) {
			return entry;
		}
	}
	return NULL;
}

void history_free(struct history *history)
{
	if (!history) {
		return;
	}
	for (size_t i = 0; i < history->count; i++) {
		free(history->entries[i].words);
	}
	free(history->entries);
	free(history);
}
