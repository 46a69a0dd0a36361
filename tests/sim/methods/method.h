/* method.h - a request carried out on a device: JSON text in, JSON text out.
 *
 *     {"context":{"child_ids":["<id>"]},"<module>":{"<method>":{<arguments>}}}
 *     {"<module>":{"<method>":{<answer>,"err_code":0}}}
 *
 * One table of {module, method, handler}; a method not in it is refused the way the model refuses.
 * Source: firmware 1.2 to 1.8 of HS1xx, HS300, HS220 and KL110 as recordings and clients of such
 * devices show it. No sockets and no clock here. */
#ifndef SIM_METHODS_METHOD_H
#define SIM_METHODS_METHOD_H

#include "tests/sim/device/device.h"
#include "tests/sim/faults/plan.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* What a device answers as err_code, and its words for it. */
enum sim_err_code {
	SIM_OK = 0,
	SIM_NO_MODULE = -1,
	SIM_NO_METHOD = -2,
	SIM_INVALID_ARGUMENT = -3,
	SIM_NO_MEMORY = -5,
	SIM_UNKNOWN = -7,
	SIM_TABLE_FULL = -10,
	SIM_TIME_NOT_SYNC = -11,
	SIM_NO_ENTRY = -14,
	SIM_BUSY = -32,
	SIM_BULB_NO_METHOD = -2000,
	SIM_BULB_NO_MODULE = -2001,
	SIM_NOT_BOUND = -4002,
	SIM_BULB_INVALID = -10000,
};

struct sim_method;

/* One method called. Handlers write the members of its answer to out, or return an err_code. */
struct sim_call {
	struct sim_device *device;
	const struct sim_method *method;
	struct json_object *arguments; /* an object; NULL when the request said null or {} */
	struct sim_plan *plan;
	struct sim_step *step;
	struct sim_text *out;
	bool is_datagram;
	bool has_context; /* outlets were named */
	size_t outlet;	  /* the first one named, or 0 */
	uint32_t outlets; /* bit n: outlet n is meant; all of them without a context */
};

typedef int sim_handler(struct sim_call *call);

struct sim_method {
	const char *module;
	const char *name;
	unsigned needs;	     /* abilities of the model */
	bool is_for_outlets; /* heeds the context */
	sim_handler *run;
	enum sim_rule_kind rules; /* for the methods of rules */
};

/* Counters of a device are by index of this table. */
extern const struct sim_method sim_methods[];
extern const size_t sim_method_count;

/* One request on its way through a device. */
struct sim_exchange {
	const char *text; /* size bytes of JSON, no NUL needed */
	size_t size;
	bool is_datagram; /* UDP: ids of outlets are short */
	struct sim_plan plan;
	struct sim_step step;
};

/* Advances the device to step.now_ms, carries out what the plan lets happen and adds the answer to
 * out. False, and nothing added, when a device closes instead: the request is not a JSON object,
 * or the device left the network just now. */
bool sim_answer(struct sim_device *device, struct sim_exchange *exchange, struct sim_text *out);

#endif
