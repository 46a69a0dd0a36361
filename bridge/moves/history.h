/* history.h - the last hundred things that happened to an outlet: moves of its relay and why, and
 * when its device came and went.
 *
 * Grows with what happens, up to its bound; an outlet to which nothing happened has none.
 * Pure: time is an argument, no I/O. */
#ifndef PLUG_BRIDGE_MOVES_HISTORY_H
#define PLUG_BRIDGE_MOVES_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/moves/cause.h"

enum { HISTORY_MAX = 100 };

enum history_kind { HISTORY_RELAY, HISTORY_ONLINE, HISTORY_OFFLINE };

struct history_entry {
	int64_t wall_ms;
	char *words;   /* who ordered a move, or why it went offline; NULL for none */
	uint8_t kind;  /* enum history_kind */
	uint8_t cause; /* enum cause, of a move */
	bool is_on;    /* of a move */
};

struct history;

/* Copies the words. Makes *history when it is NULL. */
void history_add(struct history **history, const struct history_entry *entry);

/* 0 for NULL. */
size_t history_count(const struct history *history);
/* The oldest has index 0; borrowed until the next history_add. */
const struct history_entry *history_at(const struct history *history, size_t index);

/* The last move of the relay, or NULL. */
const struct history_entry *history_last_move(const struct history *history);

void history_free(struct history *history);

#endif
