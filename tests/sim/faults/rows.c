#include "tests/sim/faults/rows.h"

enum { BUSY_CODE = -32 };

enum {
	ON_REQUEST = SIM_PARAMETER_TIMES | SIM_PARAMETER_CHANCE,
	ON_CALL = SIM_PARAMETER_LEVEL | SIM_PARAMETER_CALL,
};

static uint32_t bit(const struct sim_fault *fault)
{
	return 1U << fault->kind;
}

static void plan_drop(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->act = SIM_ACT_DROP;
	plan->is_carried_out = fault->settings.is_carried_out != 0;
}

static void plan_reset(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->act = SIM_ACT_RESET;
	plan->is_carried_out = fault->settings.is_carried_out != 0;
}

static void plan_slow(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->delay_ms = (uint32_t)fault->settings.ms;
}

static void plan_error(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->error = (struct sim_error_plan) {
		.fault = bit(fault),
		.err_code = fault->settings.err_code,
		.level = (enum sim_level)fault->settings.level,
		.module = fault->settings.module,
		.method = fault->settings.method,
	};
}

static void plan_stuck_relay(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->relay_fault = bit(fault);
}

static void plan_bad_energy(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->reading_fault = bit(fault);
	plan->lie = (enum sim_lie)fault->settings.lie;
}

static void plan_bad_json(const struct sim_fault *fault, struct sim_plan *plan)
{
	(void)fault;
	plan->body = SIM_BODY_BAD_JSON;
}

static void plan_garbage(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->body = SIM_BODY_GARBAGE;
	plan->garbage_bytes = (uint32_t)fault->settings.bytes;
}

static void plan_wrong_length(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->length = SIM_LENGTH_OFF;
	plan->length_error = fault->settings.bytes;
}

static void plan_zero_length(const struct sim_fault *fault, struct sim_plan *plan)
{
	(void)fault;
	plan->length = SIM_LENGTH_ZERO;
}

static void plan_huge_length(const struct sim_fault *fault, struct sim_plan *plan)
{
	(void)fault;
	plan->length = SIM_LENGTH_HUGE;
}

static void plan_truncate(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->is_cut = true;
	plan->cut_bytes = (uint32_t)fault->settings.bytes;
	plan->is_closing = true;
}

static void plan_header_alone(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->first_bytes = (uint32_t)fault->settings.bytes;
	plan->gap_ms = (uint32_t)fault->settings.ms;
}

static void plan_drip(const struct sim_fault *fault, struct sim_plan *plan)
{
	plan->piece_bytes = (uint32_t)fault->settings.bytes;
	plan->gap_ms = (uint32_t)fault->settings.ms;
}

static void plan_close(const struct sim_fault *fault, struct sim_plan *plan)
{
	(void)fault;
	plan->is_closing = true;
}

const struct sim_fault_row sim_fault_rows[SIM_FAULT_COUNT] = {
	[SIM_FAULT_REFUSE] = {
		.name = "refuse",
		.help = "connections are refused, open ones reset",
		.parameters = SIM_PARAMETER_TIMES,
		.transports = SIM_TCP,
	},
	[SIM_FAULT_HANG] = {
		.name = "hang",
		.help = "connections are accepted and never answered, open ones neither",
		.parameters = SIM_PARAMETER_TIMES,
		.transports = SIM_TCP,
	},
	[SIM_FAULT_IDLE_CLOSE] = {
		.name = "idle_close",
		.help = "closes a connection on which nothing happened for ms",
		.parameters = SIM_PARAMETER_TIMES | SIM_PARAMETER_MS,
		.transports = SIM_TCP,
		.ms = 1000,
	},
	[SIM_FAULT_OTHER_DEVICE] = {
		.name = "other_device",
		.help = "another device, with MAC and ids of its own, has this address; "
			"connections are reset when it comes and goes",
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_DROP] = {
		.name = "drop",
		.help = "reads a request and answers nothing",
		.parameters = ON_REQUEST | SIM_PARAMETER_CARRIED_OUT,
		.plan = plan_drop,
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_RESET] = {
		.name = "reset",
		.help = "resets the connection upon a request",
		.parameters = ON_REQUEST | SIM_PARAMETER_CARRIED_OUT,
		.plan = plan_reset,
		.transports = SIM_TCP,
	},
	[SIM_FAULT_SLOW] = {
		.name = "slow",
		.help = "answers ms late",
		.parameters = ON_REQUEST | SIM_PARAMETER_MS,
		.plan = plan_slow,
		.transports = SIM_TCP | SIM_UDP,
		.ms = 1000,
	},
	[SIM_FAULT_ERR_CODE] = {
		.name = "err_code",
		.help = "answers an error at level method, module or top, to one module or method, "
			"or to all",
		.parameters = ON_REQUEST | ON_CALL | SIM_PARAMETER_ERR_CODE,
		.plan = plan_error,
		.is_noted_later = true,
		.transports = SIM_TCP | SIM_UDP,
		.err_code = -1,
	},
	[SIM_FAULT_BUSY] = {
		.name = "busy",
		.help = "answers -32, another cmd is running",
		.parameters = ON_REQUEST | ON_CALL,
		.plan = plan_error,
		.is_noted_later = true,
		.transports = SIM_TCP | SIM_UDP,
		.err_code = BUSY_CODE,
	},
	[SIM_FAULT_STUCK_RELAY] = {
		.name = "stuck_relay",
		.help = "acknowledges an order and leaves the relay where it is",
		.parameters = ON_REQUEST,
		.plan = plan_stuck_relay,
		.is_noted_later = true,
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_BAD_ENERGY] = {
		.name = "bad_energy",
		.help = "readings no meter can have: negative, huge, nan, infinite or text",
		.parameters = ON_REQUEST | SIM_PARAMETER_LIE,
		.plan = plan_bad_energy,
		.is_noted_later = true,
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_BAD_JSON] = {
		.name = "bad_json",
		.help = "a whole frame whose text is not JSON",
		.parameters = ON_REQUEST,
		.plan = plan_bad_json,
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_GARBAGE] = {
		.name = "garbage",
		.help = "bytes of no meaning in place of the frame",
		.parameters = ON_REQUEST | SIM_PARAMETER_BYTES,
		.plan = plan_garbage,
		.transports = SIM_TCP | SIM_UDP,
		.bytes = 64,
		.bytes_min = 1,
	},
	[SIM_FAULT_WRONG_LENGTH] = {
		.name = "wrong_length",
		.help = "the header promises bytes more (or, when negative, less) than follow",
		.parameters = ON_REQUEST | SIM_PARAMETER_BYTES,
		.plan = plan_wrong_length,
		.transports = SIM_TCP,
		.bytes = 10,
		.bytes_min = -SIM_FAULT_BYTES_MAX,
	},
	[SIM_FAULT_ZERO_LENGTH] = {
		.name = "zero_length",
		.help = "the header promises nothing",
		.parameters = ON_REQUEST,
		.plan = plan_zero_length,
		.transports = SIM_TCP,
	},
	[SIM_FAULT_HUGE_LENGTH] = {
		.name = "huge_length",
		.help = "the header promises 4,294,967,295 bytes",
		.parameters = ON_REQUEST,
		.plan = plan_huge_length,
		.transports = SIM_TCP,
	},
	[SIM_FAULT_TRUNCATE] = {
		.name = "truncate",
		.help = "sends the first bytes of the frame (0: half of it) and closes",
		.parameters = ON_REQUEST | SIM_PARAMETER_BYTES,
		.plan = plan_truncate,
		.transports = SIM_TCP | SIM_UDP,
	},
	[SIM_FAULT_HEADER_ALONE] = {
		.name = "header_alone",
		.help = "sends the first bytes (the header) alone, and the rest ms later",
		.parameters = ON_REQUEST | SIM_PARAMETER_MS | SIM_PARAMETER_BYTES,
		.plan = plan_header_alone,
		.transports = SIM_TCP,
		.ms = 50,
		.bytes = 4,
		.bytes_min = 1,
	},
	[SIM_FAULT_DRIP] = {
		.name = "drip",
		.help = "sends so many bytes at a time, ms apart",
		.parameters = ON_REQUEST | SIM_PARAMETER_MS | SIM_PARAMETER_BYTES,
		.plan = plan_drip,
		.transports = SIM_TCP,
		.ms = 20,
		.bytes = 1,
		.bytes_min = 1,
	},
	[SIM_FAULT_CLOSE] = {
		.name = "close",
		.help = "closes after each reply",
		.parameters = ON_REQUEST,
		.plan = plan_close,
		.transports = SIM_TCP,
	},
};
