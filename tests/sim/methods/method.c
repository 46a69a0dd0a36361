#include "tests/sim/methods/method.h"

#include "protocol/json.h"
#include "tests/sim/device/names.h"

#include <string.h>

/* The words that go with an err_code, as firmware has them; others go without. */
static const struct {
	int err_code;
	const char *text;
} messages[] = {
	{ SIM_NO_MODULE, "module not support" },
	{ SIM_NO_METHOD, "member not support" },
	{ SIM_INVALID_ARGUMENT, "invalid argument" },
	{ SIM_NO_MEMORY, "not enough memory" },
	{ SIM_UNKNOWN, "unknown error" },
	{ SIM_TABLE_FULL, "table is full" },
	{ SIM_TIME_NOT_SYNC, "time not sync" },
	{ SIM_NO_ENTRY, "entry not exist" },
	{ SIM_BUSY, "another cmd is running" },
	{ SIM_BULB_NO_METHOD, "Method not support" },
	{ SIM_BULB_NO_MODULE, "Module not support" },
	{ SIM_NOT_BOUND, "Device hasn't bound to any account yet" },
	{ SIM_BULB_INVALID, "Invalid input argument" },
};

static void add_error_members(struct sim_text *out, int err_code)
{
	sim_text_int(out, "err_code", err_code);
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		if (messages[i].err_code == err_code) {
			sim_text_string(out, "err_msg", messages[i].text);
		}
	}
}

static void add_error(struct sim_text *out, int err_code)
{
	sim_text_open(out, '{');
	add_error_members(out, err_code);
	sim_text_close(out, '}');
}

static bool is_offered(const struct sim_model *model, const struct sim_method *method)
{
	return (model->abilities & method->needs) == method->needs;
}

static bool has_module(const struct sim_model *model, const char *module)
{
	for (size_t i = 0; i < sim_method_count; i++) {
		if (is_offered(model, &sim_methods[i]) &&
			strcmp(sim_methods[i].module, module) == 0) {
			return true;
		}
	}
	return false;
}

static const struct sim_method *find(
	const struct sim_model *model, const char *module, const char *name)
{
	for (size_t i = 0; i < sim_method_count; i++) {
		const struct sim_method *method = &sim_methods[i];

		if (strcmp(method->name, name) == 0 && strcmp(method->module, module) == 0 &&
			is_offered(model, method)) {
			return method;
		}
	}
	return NULL;
}

/* What the answers of one request share. */
struct run {
	struct sim_call call; /* what every call starts from */
	int context_error;    /* for the methods that heed the context */
	const char *module;
};

/* True when a fault puts an error in place of this answer; notes that it did. */
static bool is_struck(struct run *run, enum sim_level level, const char *method)
{
	struct sim_plan *plan = run->call.plan;
	const struct sim_error_plan *error = &plan->error;

	if (error->fault == 0 || error->level != level ||
		(error->module && strcmp(error->module, run->module) != 0) ||
		(error->method && method && strcmp(error->method, method) != 0)) {
		return false;
	}
	plan->struck |= error->fault;
	return true;
}

/* Runs one method of the table; the answer's bracket is open. */
static int carry_out(
	struct run *run, const struct sim_method *method, struct json_object *arguments)
{
	struct sim_call call = run->call;

	call.device->counters.methods[method - sim_methods]++;
	if (arguments && !json_object_is_type(arguments, json_type_object)) {
		return SIM_INVALID_ARGUMENT;
	}
	if (method->is_for_outlets && run->context_error != SIM_OK) {
		return run->context_error;
	}
	if (method->is_for_outlets && call.outlets == 0) {
		return SIM_OK; /* "child_ids":[] means nobody */
	}
	call.method = method;
	call.arguments = arguments;
	return method->run(&call);
}

static void answer_method(struct run *run, const char *name, struct json_object *arguments)
{
	struct sim_text *out = run->call.out;
	const struct sim_model *model = run->call.device->model;
	const struct sim_method *method = find(model, run->module, name);
	size_t begin = 0;
	int error = model->refusal == SIM_REFUSES_BULB ? SIM_BULB_NO_METHOD : SIM_NO_METHOD;

	sim_text_key(out, name);
	sim_text_open(out, '{');
	begin = out->size;
	if (is_struck(run, SIM_LEVEL_METHOD, name)) {
		error = run->call.plan->error.err_code;
	} else if (method) {
		error = carry_out(run, method, arguments);
	} else {
		run->call.device->counters.unknown_methods++;
	}
	if (error == SIM_OK) {
		sim_text_int(out, "err_code", SIM_OK);
	} else {
		sim_text_cut(out, begin);
		add_error_members(out, error);
	}
	sim_text_close(out, '}');
}

/* Firmware 1.5 says of each method that the module is not there. */
static void refuse_methods(struct run *run, struct json_object *methods)
{
	struct sim_text *out = run->call.out;

	sim_text_open(out, '{');
	json_object_object_foreach(methods, name, arguments)
	{
		(void)arguments;
		sim_text_key(out, name);
		add_error(out, SIM_NO_MODULE);
	}
	sim_text_close(out, '}');
}

static void refuse_module(struct run *run, struct json_object *methods)
{
	const enum sim_refusal refusal = run->call.device->model->refusal;

	run->call.device->counters.unknown_methods++;
	if (refusal == SIM_REFUSES_METHOD) {
		refuse_methods(run, methods);
	} else {
		add_error(run->call.out,
			refusal == SIM_REFUSES_BULB ? SIM_BULB_NO_MODULE : SIM_NO_MODULE);
	}
}

static void answer_methods(struct run *run, struct json_object *methods)
{
	sim_text_open(run->call.out, '{');
	json_object_object_foreach(methods, name, arguments)
	{
		answer_method(run, name, arguments);
	}
	sim_text_close(run->call.out, '}');
}

static void answer_module(struct run *run, const char *module, struct json_object *methods)
{
	struct sim_text *out = run->call.out;

	run->module = module;
	sim_text_key(out, module);
	if (is_struck(run, SIM_LEVEL_MODULE, NULL)) {
		add_error(out, run->call.plan->error.err_code);
	} else if (!json_object_is_type(methods, json_type_object)) {
		add_error(out, SIM_INVALID_ARGUMENT);
	} else if (!has_module(run->call.device->model, module)) {
		refuse_module(run, methods);
	} else {
		answer_methods(run, methods);
	}
}

/* The outlet whose full id this is, or -1. */
static int find_outlet(const struct sim_device *device, const char *id)
{
	struct sim_text own = { 0 };
	int found = -1;

	for (size_t i = 0; i < device->model->outlet_count && found < 0; i++) {
		sim_text_cut(&own, 0);
		sim_device_add_child_id(device, i, &own);
		if (strcmp(own.bytes, id) == 0) {
			found = (int)i;
		}
	}
	sim_text_free(&own);
	return found;
}

/* Reads child_ids; one bad id spoils them all. */
static int read_ids(struct sim_call *call, struct json_object *ids)
{
	const size_t count = json_object_array_length(ids);

	call->has_context = true;
	call->outlets = 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *id = json_object_array_get_idx(ids, i);
		int outlet = 0;

		if (!json_object_is_type(id, json_type_string)) {
			return SIM_INVALID_ARGUMENT;
		}
		outlet = find_outlet(call->device, json_object_get_string(id));
		if (outlet < 0) {
			return SIM_NO_ENTRY;
		}
		if (call->outlets == 0) {
			call->outlet = (size_t)outlet;
		}
		call->outlets |= 1U << outlet;
	}
	return SIM_OK;
}

/* The context counts wherever it stands, and not at all for a device without outlets. */
static int read_context(struct sim_call *call, struct json_object *root)
{
	struct json_object *context = NULL;
	struct json_object *ids = NULL;

	call->outlets = (1U << call->device->model->outlet_count) - 1;
	if (!(call->device->model->abilities & SIM_HAS_OUTLETS) ||
		!json_object_object_get_ex(root, "context", &context)) {
		return SIM_OK;
	}
	if (!plug_json_array(context, "child_ids", &ids)) {
		return SIM_INVALID_ARGUMENT;
	}
	return read_ids(call, ids);
}

static void answer_root(struct run *run, struct json_object *root)
{
	struct sim_text *out = run->call.out;

	run->context_error = read_context(&run->call, root);
	sim_text_open(out, '{');
	json_object_object_foreach(root, module, methods)
	{
		if (strcmp(module, "context") != 0) {
			answer_module(run, module, methods);
		}
	}
	sim_text_close(out, '}');
}

/* An error in place of everything, unless it is meant for a module that was not called. */
static bool is_struck_on_top(struct run *run, struct json_object *root)
{
	const char *module = run->call.plan->error.module;

	run->module = module;
	return (!module || json_object_object_get_ex(root, module, NULL)) &&
	       is_struck(run, SIM_LEVEL_TOP, NULL);
}

bool sim_answer(struct sim_device *device, struct sim_exchange *exchange, struct sim_text *out)
{
	struct json_object *root = NULL;
	struct run run = {
		.call = {
			.device = device,
			.plan = &exchange->plan,
			.step = &exchange->step,
			.out = out,
			.is_datagram = exchange->is_datagram,
		},
	};

	sim_device_advance(device, &exchange->step);
	if (device->presence != SIM_PRESENT) {
		return false;
	}
	plug_json_parse(exchange->text, exchange->size, PLUG_JSON_LAST_KEY_WINS, &root);
	if (!json_object_is_type(root, json_type_object)) {
		device->counters.bad_requests++;
		json_object_put(root);
		return false;
	}
	if (is_struck_on_top(&run, root)) {
		add_error(out, exchange->plan.error.err_code);
	} else {
		answer_root(&run, root);
	}
	json_object_put(root);
	return true;
}
