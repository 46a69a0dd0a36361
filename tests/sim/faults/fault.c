#include "tests/sim/faults/rows.h"

#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>
#include <string.h>

bool sim_fault_kind_find(const char *name, enum sim_fault_kind *kind)
{
	for (*kind = 0; *kind < SIM_FAULT_COUNT; (*kind)++) {
		if (strcmp(sim_fault_rows[*kind].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void release(struct sim_fault *fault)
{
	sim_fault_settings_clear(&fault->settings);
	free(fault);
}

/* The link that points to the fault of this kind, or to where it belongs. */
static struct sim_fault **place(struct sim_fault **faults, enum sim_fault_kind kind)
{
	while (*faults && (*faults)->kind < kind) {
		faults = &(*faults)->next;
	}
	return faults;
}

static void remove_at(struct sim_fault **link)
{
	struct sim_fault *fault = *link;

	*link = fault->next;
	release(fault);
}

void sim_fault_set(struct sim_fault **faults, enum sim_fault_kind kind,
	const struct sim_fault_settings *settings, uint64_t seed)
{
	struct sim_fault **link = NULL;
	struct sim_fault *fault = sim_allocate(sizeof *fault);

	sim_fault_clear(faults, kind);
	link = place(faults, kind);
	fault->kind = kind;
	fault->seed = sim_seed_number(seed, kind);
	fault->settings = *settings;
	fault->settings.module = settings->module ? sim_duplicate(settings->module) : NULL;
	fault->settings.method = settings->method ? sim_duplicate(settings->method) : NULL;
	fault->next = *link;
	*link = fault;
}

bool sim_fault_clear(struct sim_fault **faults, enum sim_fault_kind kind)
{
	struct sim_fault **link = place(faults, kind);

	if (!*link || (*link)->kind != kind) {
		return false;
	}
	remove_at(link);
	return true;
}

void sim_fault_clear_all(struct sim_fault **faults)
{
	while (*faults) {
		remove_at(faults);
	}
}

struct sim_fault *sim_fault_find(struct sim_fault *faults, enum sim_fault_kind kind)
{
	struct sim_fault *fault = *place(&faults, kind);

	return fault && fault->kind == kind ? fault : NULL;
}

/* Whether a fault that strikes now and then does so this time. */
static bool is_its_turn(struct sim_fault *fault)
{
	const uint64_t trial = fault->trials;

	fault->trials++;
	return sim_seed_between(fault->seed, trial, 1, 100) <= fault->settings.percent;
}

void sim_fault_plan(struct sim_fault *faults, enum sim_transport transport, struct sim_plan *plan)
{
	for (; faults && plan->act == SIM_ACT_ANSWER; faults = faults->next) {
		const struct sim_fault_row *row = &sim_fault_rows[faults->kind];

		if (!row->plan ||
			!(faults->settings.transports & row->transports & (int)transport) ||
			!is_its_turn(faults)) {
			continue;
		}
		row->plan(faults, plan);
		if (!row->is_noted_later) {
			plan->struck |= 1U << faults->kind;
		}
	}
}

uint32_t sim_fault_settle(struct sim_fault **faults, uint32_t struck)
{
	uint32_t strikes = 0;

	while (*faults && struck != 0) {
		struct sim_fault *fault = *faults;

		if (struck & 1U << fault->kind) {
			strikes++;
			fault->strikes++;
			if (fault->settings.times == 1) {
				remove_at(faults);
				continue;
			}
			fault->settings.times -= fault->settings.times > 0;
		}
		faults = &fault->next;
	}
	return strikes;
}
