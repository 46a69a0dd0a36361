#include "tests/unit/sim_rig.h"

#include <stdlib.h>
#include <string.h>

const int64_t RIG_START_MS = 1795262400000;

void rig_init(struct rig *rig, const char *model)
{
	const struct sim_identity identity = {
		.model = sim_model_find(model),
		.mac = { 0x50, 0xC7, 0xBF, 0x01, 0x00, 0x01 },
		.local_offset_ms = RIG_OFFSET_MS,
	};

	*rig = (struct rig) { .now_ms = RIG_START_MS };
	if (!identity.model) {
		abort();
	}
	rig->device = sim_device_new(&identity, rig->now_ms);
}

void rig_clear(struct rig *rig)
{
	sim_device_free(rig->device);
	sim_fault_clear_all(&rig->faults);
	sim_text_free(&rig->text);
}

const char *rig_ask(struct rig *rig, const char *request)
{
	struct sim_exchange *exchange = &rig->exchange;
	bool is_answered = false;

	*exchange = (struct sim_exchange) {
		.text = request,
		.size = strlen(request),
		.step.now_ms = rig->now_ms,
	};
	sim_fault_plan(rig->faults, SIM_TCP, &exchange->plan);
	sim_text_cut(&rig->text, 0);
	is_answered = sim_answer(rig->device, exchange, &rig->text);
	sim_fault_settle(&rig->faults, exchange->plan.struck);
	return is_answered ? rig->text.bytes : NULL;
}

struct sim_step rig_pass(struct rig *rig, int64_t ms)
{
	struct sim_step step = { 0 };

	rig->now_ms += ms;
	step.now_ms = rig->now_ms;
	sim_device_advance(rig->device, &step);
	return step;
}

void rig_switch(struct rig *rig, size_t outlet, bool is_on)
{
	struct sim_step step = rig_pass(rig, 0);

	sim_device_switch(rig->device, outlet, is_on, &step);
}
