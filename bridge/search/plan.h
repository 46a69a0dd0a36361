/* plan.h - when the network is searched for missing devices.
 *
 *     somebody new is missing    at once, but GAP after the last search began at the earliest
 *     somebody still is          GAP after the last search ended, then twice as long each time
 *     nobody is                  never
 *
 * A search makes every device of the network answer several times: on a weak Wi-Fi with a plug that
 * stays away for months that must be rare. Pure: time is an argument. */
#ifndef PLUG_BRIDGE_SEARCH_PLAN_H
#define PLUG_BRIDGE_SEARCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SEARCH_GAP_MS = 5 * 1000,
	SEARCH_GAP_MAX_MS = 60 * 1000,
};

/* Starts zeroed. */
struct search_plan {
	bool has_next;
	uint64_t next_ms;
	bool has_started;
	uint64_t started_ms; /* the last search */
	uint64_t gap_ms;     /* behind the next that finds not everybody */
};

/* Somebody is missing who was not before. */
void search_plan_lost(struct search_plan *plan, uint64_t now_ms);

void search_plan_started(struct search_plan *plan, uint64_t now_ms);
void search_plan_ended(struct search_plan *plan, uint64_t now_ms, bool is_somebody_missing);

/* True when searches have become as rare as they get. */
bool search_plan_is_rare(const struct search_plan *plan);

/* Nobody is missing any more. */
void search_plan_clear(struct search_plan *plan);

#endif
