/* fault.h - what can go wrong on an address, as a table, and what is going wrong now.
 *
 *     {"verb":"fault","device":3,"fault":"drip","ms":20,"bytes":1,"times":5}
 *
 * A fault is switched on with its parameters and strikes until it is switched off, or as many times
 * as it was told. Several may be on at once; they strike in the order of the table. What they do to
 * a request is written into its plan (plan.h); those that concern connections are looked up by the
 * sockets. No sockets and no clock here. */
#ifndef SIM_FAULTS_FAULT_H
#define SIM_FAULTS_FAULT_H

#include "tests/sim/device/text.h"
#include "tests/sim/faults/plan.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_fault_kind {
	/* connections: no hook, the sockets ask for them */
	SIM_FAULT_REFUSE,
	SIM_FAULT_HANG,
	SIM_FAULT_IDLE_CLOSE,
	SIM_FAULT_OTHER_DEVICE,
	/* requests */
	SIM_FAULT_DROP,
	SIM_FAULT_RESET,
	SIM_FAULT_SLOW,
	SIM_FAULT_ERR_CODE,
	SIM_FAULT_BUSY,
	SIM_FAULT_STUCK_RELAY,
	SIM_FAULT_BAD_ENERGY,
	/* bytes of the reply */
	SIM_FAULT_BAD_JSON,
	SIM_FAULT_GARBAGE,
	SIM_FAULT_WRONG_LENGTH,
	SIM_FAULT_ZERO_LENGTH,
	SIM_FAULT_HUGE_LENGTH,
	SIM_FAULT_TRUNCATE,
	SIM_FAULT_HEADER_ALONE,
	SIM_FAULT_DRIP,
	SIM_FAULT_CLOSE,
	SIM_FAULT_COUNT,
};

enum sim_transport { SIM_TCP = 1 << 0, SIM_UDP = 1 << 1 };

/* What a fault can be told; which of it a kind takes is in its row (rows.h). */
struct sim_fault_settings {
	int32_t times;	    /* left to strike; 0: until switched off */
	int32_t percent;    /* strikes so many of a hundred */
	int32_t transports; /* bits of enum sim_transport */
	int32_t ms;
	int32_t bytes;
	int32_t err_code;
	int32_t level; /* enum sim_level */
	int32_t lie;   /* enum sim_lie */
	int32_t is_carried_out;
	char *module; /* NULL: any */
	char *method;
};

/* One fault that is on. */
struct sim_fault {
	struct sim_fault *next; /* in the order of enum sim_fault_kind */
	enum sim_fault_kind kind;
	struct sim_fault_settings settings;
	uint32_t strikes;
	uint64_t seed;	 /* whose row of chances percent takes, */
	uint64_t trials; /* and how many of it it has taken */
};

/* Finds a kind by its name; false when there is none. */
bool sim_fault_kind_find(const char *name, enum sim_fault_kind *kind);

/* Adds an array with one object for each kind: name, what it does, which parameters it takes. */
void sim_fault_list_kinds(struct sim_text *out);

/* Reads the parameters in object; members named in ignored (up to NULL) are somebody else's.
 * Returns NULL and fills settings (free with sim_fault_settings_clear), or the name of the first
 * parameter that this kind does not take or not with this value, borrowed from object. */
const char *sim_fault_settings_read(enum sim_fault_kind kind, struct json_object *object,
	const char *const *ignored, struct sim_fault_settings *settings);
void sim_fault_settings_clear(struct sim_fault_settings *settings);

/* Switches a fault on, in place of one of the same kind; copies settings. With the same seed the
 * same requests are struck in every run. */
void sim_fault_set(struct sim_fault **faults, enum sim_fault_kind kind,
	const struct sim_fault_settings *settings, uint64_t seed);

/* Switches one kind off; true when it was on. */
bool sim_fault_clear(struct sim_fault **faults, enum sim_fault_kind kind);
void sim_fault_clear_all(struct sim_fault **faults);

/* The fault of that kind, NULL when it is off. */
struct sim_fault *sim_fault_find(struct sim_fault *faults, enum sim_fault_kind kind);

/* Fills a zeroed plan for one request over one transport. */
void sim_fault_plan(struct sim_fault *faults, enum sim_transport transport, struct sim_plan *plan);

/* Counts the strikes of a plan that was carried out (bit by kind), and switches off what has struck
 * its times. Returns how many struck. */
uint32_t sim_fault_settle(struct sim_fault **faults, uint32_t struck);

/* Adds an array of the faults that are on, with their parameters and strikes. */
void sim_fault_list(struct sim_fault *faults, struct sim_text *out);

#endif
