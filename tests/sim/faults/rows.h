/* rows.h - the table of faults: names, parameters and what each does to a plan.
 * Adding a fault is a value of enum sim_fault_kind and a row here. */
#ifndef SIM_FAULTS_ROWS_H
#define SIM_FAULTS_ROWS_H

#include "tests/sim/faults/fault.h"

enum { SIM_FAULT_BYTES_MAX = 1 << 20 };

/* Which parameters a kind takes. */
enum sim_parameter {
	SIM_PARAMETER_MS = 1 << 0,
	SIM_PARAMETER_BYTES = 1 << 1,
	SIM_PARAMETER_ERR_CODE = 1 << 2,
	SIM_PARAMETER_LEVEL = 1 << 3,
	SIM_PARAMETER_LIE = 1 << 4,
	SIM_PARAMETER_CARRIED_OUT = 1 << 5,
	SIM_PARAMETER_CALL = 1 << 6, /* module and method */
	SIM_PARAMETER_TIMES = 1 << 7,
	SIM_PARAMETER_CHANCE = 1 << 8, /* percent and transport */
};

struct sim_fault_row {
	const char *name;
	const char *help;
	unsigned parameters;
	/* Writes the plan; NULL: the sockets look after it. */
	void (*plan)(const struct sim_fault *fault, struct sim_plan *plan);
	/* Strikes only if the request asks for what it spoils: whoever answers notes that. */
	bool is_noted_later;
	int32_t transports; /* where it makes sense */
	int32_t ms;	    /* defaults */
	int32_t bytes;
	int32_t bytes_min;
	int32_t err_code;
};

extern const struct sim_fault_row sim_fault_rows[SIM_FAULT_COUNT];

#endif
