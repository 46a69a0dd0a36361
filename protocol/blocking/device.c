#include "protocol/blocking/device.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/blocking/quiet.h"
#include "protocol/io/exchange.h"
#include "protocol/json.h"

enum { BUSY_MAX = 5, BUSY_PAUSE_MS = 1000 };

struct plug_device {
	uv_loop_t loop;
	struct plug_transport transport;
	struct plug_line line;
	uint64_t timeout_ms;
	struct plug_reply sysinfo; /* what info is borrowed from */
	struct plug_sysinfo info;
	/* Of the last call. */
	bool is_answered;
	enum plug_error error;
	char *text;
	size_t text_size;
	struct plug_reply reply;
	struct plug_device_error refusal;
};

static const struct plug_method sysinfo_method = { "system", "get_sysinfo" };

static bool is_possible_timeout(uint64_t timeout_ms)
{
	return timeout_ms >= 1 && timeout_ms <= PLUG_DEVICE_TIMEOUT_MAX_MS;
}

static char *copy_text(const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	if (copy) {
		memcpy(copy, text, size);
		copy[size] = '\0';
	}
	return copy;
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct plug_device *device = line->data;

	if (error == PLUG_OK) {
		device->text = copy_text(text, size);
		device->text_size = device->text ? size : 0;
		error = device->text ? PLUG_OK : PLUG_ENOMEM;
	}
	device->error = error;
	device->is_answered = true;
}

static void forget_reply(struct plug_device *device)
{
	plug_reply_clear(&device->reply);
	free(device->text);
	device->text = NULL;
	device->text_size = 0;
	device->refusal = (struct plug_device_error) { 0 };
}

/* The loop runs during calls only. What happened to the connection in between is told by
 * plug_line_ask, which looks before it uses it. */
static enum plug_error exchange(struct plug_device *device, const struct plug_ask *ask)
{
	struct plug_quiet quiet;
	enum plug_error error;

	forget_reply(device);
	device->is_answered = false;
	plug_quiet_begin(&quiet);
	uv_update_time(&device->loop);
	error = plug_line_ask(&device->line, ask, on_answer);
	while (error == PLUG_OK && !device->is_answered) {
		uv_run(&device->loop, UV_RUN_ONCE);
	}
	plug_quiet_end(&quiet);
	return error == PLUG_OK ? device->error : error;
}

/* A connection that is surely alive: one that died while it was kept could not be told from a
 * device that took the order and then went. */
static void begin_anew(struct plug_device *device)
{
	plug_line_disconnect(&device->line);
}

static enum plug_error read_answer(struct plug_device *device, struct plug_method method)
{
	struct json_object *answer;
	enum plug_error error = plug_reply_parse(&device->reply, device->text, device->text_size);

	if (error == PLUG_OK) {
		error = plug_reply_method(
			&device->reply, method.module, method.method, &answer, &device->refusal);
	}
	return error;
}

static uint64_t now_ms(struct plug_device *device)
{
	uv_update_time(&device->loop);
	return uv_now(&device->loop);
}

/* At least 1: a sleep may last longer than it was meant to. */
static uint64_t left_ms(struct plug_device *device, uint64_t deadline_ms)
{
	const uint64_t at_ms = now_ms(device);

	return at_ms < deadline_ms ? deadline_ms - at_ms : 1;
}

/* A device that is still at a long command takes no other: again after a while, if there is time
 * for it. */
static bool waits_for_device(struct plug_device *device, uint64_t deadline_ms)
{
	if (!device->reply.root || !plug_reply_is_busy(&device->reply) ||
		deadline_ms <= now_ms(device) + BUSY_PAUSE_MS) {
		return false;
	}
	uv_sleep(BUSY_PAUSE_MS);
	return true;
}

static enum plug_error perform(struct plug_device *device, const struct plug_request *request,
	struct plug_method method, bool may_repeat)
{
	const uint64_t deadline_ms = now_ms(device) + device->timeout_ms;
	struct plug_ask ask = {
		.text = request->text, .size = request->size, .may_repeat = may_repeat
	};
	enum plug_error error;
	int busy_count = 0;

	do {
		if (!may_repeat) {
			begin_anew(device);
		}
		ask.timeout_ms = left_ms(device, deadline_ms);
		error = exchange(device, &ask);
		if (error == PLUG_OK) {
			error = read_answer(device, method);
		}
	} while (busy_count++ < BUSY_MAX && waits_for_device(device, deadline_ms));
	return error;
}

/* Nothing but sysinfo is asked of a device that is not understood. */
static enum plug_error check(struct plug_device *device, enum plug_error built)
{
	if (built == PLUG_OK && device->info.family == PLUG_FAMILY_UNSUPPORTED) {
		built = PLUG_EUNSUPPORTED;
	}
	if (built != PLUG_OK) {
		forget_reply(device);
	}
	return built;
}

enum plug_error plug_device_call(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method)
{
	const enum plug_error error = check(device, built);

	return error == PLUG_OK ? perform(device, request, method, true) : error;
}

enum plug_error plug_device_call_once(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method)
{
	const enum plug_error error = check(device, built);

	return error == PLUG_OK ? perform(device, request, method, false) : error;
}

enum plug_error plug_device_call_last(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method)
{
	const enum plug_error error = plug_device_call_once(device, built, request, method);
	const bool has_gone = error == PLUG_ERESET || error == PLUG_ETIMEOUT;

	return has_gone && plug_device_was_sent(device) ? PLUG_OK : error;
}

enum plug_error plug_device_raw(struct plug_device *device, const char *text, const char **reply)
{
	const struct plug_ask ask = {
		.text = text, .size = strlen(text), .timeout_ms = device->timeout_ms
	};
	enum plug_error error;

	begin_anew(device);
	error = exchange(device, &ask);
	*reply = device->text;
	return error;
}

enum plug_error plug_device_refresh(struct plug_device *device)
{
	struct plug_request request;
	struct plug_sysinfo info;
	enum plug_error error = plug_request_sysinfo(&request);

	if (error == PLUG_OK) {
		error = perform(device, &request, sysinfo_method, true);
	}
	if (error == PLUG_OK) {
		error = plug_reply_sysinfo(&device->reply, &info);
	}
	if (error == PLUG_OK) {
		plug_reply_clear(&device->sysinfo);
		device->sysinfo.root = json_object_get(device->reply.root);
		device->info = info;
	}
	return error;
}

static void on_line_closed(struct plug_line *line)
{
	(void)line;
}

static void close_line(struct plug_device *device)
{
	struct plug_quiet quiet;

	plug_quiet_begin(&quiet);
	plug_line_close(&device->line, on_line_closed);
	uv_run(&device->loop, UV_RUN_DEFAULT);
	plug_quiet_end(&quiet);
}

static enum plug_error start(struct plug_device *device, const char *host, uint16_t port)
{
	enum plug_error error;

	if (uv_loop_init(&device->loop) != 0) {
		return PLUG_ESYSTEM;
	}
	plug_transport_init(&device->transport, &device->loop);
	error = plug_line_init(&device->line, &device->transport, host, port, NULL);
	device->line.data = device;
	if (error != PLUG_OK) {
		uv_loop_close(&device->loop);
	}
	return error;
}

enum plug_error plug_device_open(
	const char *host, uint16_t port, uint64_t timeout_ms, struct plug_device **device)
{
	struct plug_device *opened;
	enum plug_error error;

	*device = NULL;
	if (!host || host[0] == '\0' || port == 0 || !is_possible_timeout(timeout_ms)) {
		return PLUG_EINVAL;
	}
	opened = calloc(1, sizeof *opened);
	if (!opened) {
		return PLUG_ENOMEM;
	}
	opened->timeout_ms = timeout_ms;
	error = start(opened, host, port);
	if (error != PLUG_OK) {
		free(opened);
		return error;
	}
	error = plug_device_refresh(opened);
	if (error != PLUG_OK) {
		plug_device_close(opened);
		return error;
	}
	*device = opened;
	return PLUG_OK;
}

void plug_device_close(struct plug_device *device)
{
	if (!device) {
		return;
	}
	close_line(device);
	uv_loop_close(&device->loop);
	forget_reply(device);
	plug_reply_clear(&device->sysinfo);
	free(device);
}

enum plug_error plug_device_set_timeout(struct plug_device *device, uint64_t timeout_ms)
{
	if (!is_possible_timeout(timeout_ms)) {
		return PLUG_EINVAL;
	}
	device->timeout_ms = timeout_ms;
	return PLUG_OK;
}

uint64_t plug_device_timeout_ms(const struct plug_device *device)
{
	return device->timeout_ms;
}

const struct plug_sysinfo *plug_device_info(const struct plug_device *device)
{
	return &device->info;
}

struct json_object *plug_device_sysinfo(const struct plug_device *device)
{
	struct json_object *system;
	struct json_object *sysinfo;

	(void)plug_json_object(device->sysinfo.root, sysinfo_method.module, &system);
	(void)plug_json_object(system, sysinfo_method.method, &sysinfo);
	return sysinfo;
}

void plug_device_identity(const struct plug_device *device, struct plug_identity *identity)
{
	plug_sysinfo_identity(plug_device_sysinfo(device), identity);
}

bool plug_device_led(const struct plug_device *device, bool *is_on)
{
	bool is_dark;
	const bool is_known = plug_json_flag(plug_device_sysinfo(device), "led_off", &is_dark);

	*is_on = is_known && !is_dark;
	return is_known;
}

bool plug_device_location(const struct plug_device *device, struct plug_location *location)
{
	return plug_sysinfo_location(plug_device_sysinfo(device), location);
}

enum plug_error plug_device_child_id(
	const struct plug_device *device, int outlet, const char **child_id)
{
	const struct plug_sysinfo *info = &device->info;

	*child_id = NULL;
	if (info->family == PLUG_FAMILY_UNSUPPORTED) {
		return PLUG_EUNSUPPORTED;
	}
	if (outlet == PLUG_DEVICE_ITSELF) {
		return PLUG_OK;
	}
	if (outlet < 0 || (size_t)outlet >= info->outlet_count) {
		return PLUG_EINVAL;
	}
	if (info->outlets[outlet].child_id[0] != '\0') {
		*child_id = info->outlets[outlet].child_id;
	}
	return PLUG_OK;
}

const struct plug_reply *plug_device_reply(const struct plug_device *device)
{
	return &device->reply;
}

const struct plug_device_error *plug_device_refusal(const struct plug_device *device)
{
	return &device->refusal;
}

bool plug_device_was_sent(const struct plug_device *device)
{
	return plug_line_was_sent(&device->line);
}
