#include "bridge/search/plan.h"

static void bring_forward(struct search_plan *plan, uint64_t at_ms)
{
	if (!plan->has_next || at_ms < plan->next_ms) {
		plan->next_ms = at_ms;
	}
	plan->has_next = true;
}

void search_plan_lost(struct search_plan *plan, uint64_t now_ms)
{
	uint64_t at_ms = now_ms;

	if (plan->has_started && at_ms < plan->started_ms + SEARCH_GAP_MS) {
		at_ms = plan->started_ms + SEARCH_GAP_MS;
	}
	plan->gap_ms = SEARCH_GAP_MS;
	bring_forward(plan, at_ms);
}

void search_plan_started(struct search_plan *plan, uint64_t now_ms)
{
	plan->has_started = true;
	plan->started_ms = now_ms;
	plan->has_next = false;
}

void search_plan_ended(struct search_plan *plan, uint64_t now_ms, bool is_somebody_missing)
{
	if (!is_somebody_missing) {
		search_plan_clear(plan);
		return;
	}
	if (plan->gap_ms < SEARCH_GAP_MS) {
		plan->gap_ms = SEARCH_GAP_MS;
	}
	bring_forward(plan, now_ms + plan->gap_ms);
	plan->gap_ms = plan->gap_ms < SEARCH_GAP_MAX_MS / 2 ? 2 * plan->gap_ms : SEARCH_GAP_MAX_MS;
}

bool search_plan_is_rare(const struct search_plan *plan)
{
	return plan->gap_ms == SEARCH_GAP_MAX_MS;
}

void search_plan_clear(struct search_plan *plan)
{
	plan->has_next = false;
	plan->gap_ms = SEARCH_GAP_MS;
}
