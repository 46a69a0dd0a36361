#include "tests/unit/device_rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "bridge/text.h"
#include "protocol/snapshot/snapshot.h"

enum { ANSWER_BYTES = 8192 };

uv_loop_t loop;
struct fake_plug plug;
struct model model;
struct device_host host;
struct device *device;
struct device owner;
struct book book;

char address[] = "127.0.0.1";
static char alias[] = "";

static uv_timer_t tick;
static struct energy_entry counters[RIG_CHILDREN_MAX]; /* of the outlets */

uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

void turn(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

/* ---- the box ---- */

static const char *const child_ids[RIG_CHILDREN_MAX] = { "CHILD00", "CHILD01", "CHILD02", "CHILD03",
	"CHILD04", "CHILD05" };

static void put_children(struct text *text)
{
	text_open(text, "children", '[');
	for (size_t i = 0; i < model.children; i++) {
		text_open(text, NULL, '{');
		text_member_string(text, "id", child_ids[i]);
		text_member_integer(text, "state", model.is_on[i]);
		text_member_string(text, "alias", child_ids[i]);
		text_close(text, '}');
	}
	text_close(text, ']');
}

static void put_sysinfo(struct text *text)
{
	text_open(text, "system", '{');
	text_open(text, "get_sysinfo", '{');
	text_member_string(text, "model", model.name);
	text_member_string(text, "mic_type", "IOT.SMARTPLUGSWITCH");
	if (model.mac) {
		text_member_string(text, "mac", model.mac);
	}
	text_member_string(text, "feature", model.feature);
	text_member_integer(text, "rssi", -60);
	if (model.children > 0) {
		put_children(text);
	} else {
		text_member_string(text, "alias", "Kettle");
		text_member_integer(text, "relay_state", model.is_on[0]);
		if (model.brightness > 0) {
			text_member_integer(text, "brightness", model.brightness);
		}
	}
	text_member_integer(text, "err_code", 0);
	text_close(text, '}');
	text_close(text, '}');
}

/* The child that the context of a request names; 0 without one. */
static size_t child_of(const char *request)
{
	for (size_t i = 0; i < model.children; i++) {
		if (strstr(request, child_ids[i])) {
			return i;
		}
	}
	return 0;
}

static void put_reading(struct text *text, size_t child)
{
	text_open(text, "emeter", '{');
	if (model.has_broken_meter) {
		text_member_integer(text, "err_code", -7);
	} else {
		text_open(text, "get_realtime", '{');
		text_member_integer(text, "power_mw", model.power_mw[child]);
		text_member_integer(text, "voltage_mv", 230000);
		text_member_integer(text, "current_ma", 100);
		text_member_integer(text, "total_wh", model.total_wh);
		text_member_integer(text, "err_code", 0);
		text_close(text, '}');
	}
	text_close(text, '}');
}

static struct tm device_date(void)
{
	const time_t now = time(NULL);
	struct tm local = { .tm_year = model.year - 1900,
		.tm_mon = 10,
		.tm_mday = 21,
		.tm_hour = 9,
		.tm_min = 30 };

	if (model.is_right) {
		(void)localtime_r(&now, &local);
	}
	return local;
}

static void put_day(struct text *text)
{
	const struct tm local = device_date();

	text_open(text, "emeter", '{');
	text_open(text, "get_daystat", '{');
	text_open(text, "day_list", '[');
	text_open(text, NULL, '{');
	text_member_integer(text, "year", local.tm_year + 1900);
	text_member_integer(text, "month", local.tm_mon + 1);
	text_member_integer(text, "day", local.tm_mday);
	text_member_integer(text, "energy_wh", RIG_TODAY_WH);
	text_close(text, '}');
	text_close(text, ']');
	text_member_integer(text, "err_code", 0);
	text_close(text, '}');
	text_close(text, '}');
}

static void put_date(struct text *text)
{
	const struct tm local = device_date();

	text_member_integer(text, "year", local.tm_year + 1900);
	text_member_integer(text, "month", local.tm_mon + 1);
	text_member_integer(text, "mday", local.tm_mday);
	text_member_integer(text, "hour", local.tm_hour);
	text_member_integer(text, "min", local.tm_min);
	text_member_integer(text, "sec", local.tm_sec > 59 ? 59 : local.tm_sec);
}

static int set_zone(const char *request)
{
	if (model.zone_error == 0) {
		const char *index = strstr(request, "\"index\":");

		model.zone = (int)strtol(index + strlen("\"index\":"), NULL, 10);
		model.is_right = true;
	}
	return model.zone_error;
}

/* The method of the time module that the request asks for. */
static void put_time(struct text *text, const char *request)
{
	static const char *const methods[] = { "get_timezone", "get_time", "set_timezone",
		"set_time" };
	size_t method = 0;
	int error = 0;

	while (method < 3 && !strstr(request, methods[method])) {
		method++;
	}
	text_open(text, "time", '{');
	text_open(text, methods[method], '{');
	if (method == 0) {
		text_member_integer(text, "index", model.zone);
	} else if (method == 1) {
		put_date(text);
	} else if (method == 2) {
		error = set_zone(request);
	} else {
		error = model.time_error;
		model.is_right = model.is_right || error == 0;
	}
	text_member_integer(text, "err_code", error);
	text_close(text, '}');
	text_close(text, '}');
}

/* Counts down a fault that strikes a number of times. */
static bool strikes(int *count)
{
	return *count > 0 && (*count)-- > 0;
}

/* Carries a switch request out, or not; false when it is not to be answered. */
static bool switch_relay(struct text *text, const char *request)
{
	const size_t child = child_of(request);
	const bool is_on = strstr(request, "\"state\":1") != NULL;
	const bool is_hung = strikes(&model.switches_hung);
	const bool is_refused = !is_hung && strikes(&model.switches_failed);

	if (is_hung ? model.moves_hung : !is_refused && !strikes(&model.switches_stuck)) {
		model.is_on[child] = is_on;
	}
	model.hangs = model.hangs || model.hangs_after_switch;
	text_open(text, "system", '{');
	text_open(text, "set_relay_state", '{');
	text_member_integer(text, "err_code", is_refused ? model.err_code : 0);
	text_close(text, '}');
	text_close(text, '}');
	return !is_hung;
}

static void set_brightness(struct text *text, const char *request)
{
	const char *value = strstr(request, "\"brightness\":");

	if (!model.is_stiff) {
		model.brightness = (int)strtol(value + strlen("\"brightness\":"), NULL, 10);
	}
	text_open(text, "smartlife.iot.dimmer", '{');
	text_open(text, "set_brightness", '{');
	text_member_integer(text, "err_code", 0);
	text_close(text, '}');
	text_close(text, '}');
}

static void put_rules(struct text *text, const char *request)
{
	static const char *const modules[] = { "schedule", "anti_theft", "count_down" };
	size_t module = 0;

	while (module < 2 && !strstr(request, modules[module])) {
		module++;
	}
	text_open(text, modules[module], '{');
	text_open(text, "get_rules", '{');
	text_open(text, "rule_list", '[');
	text_close(text, ']');
	text_member_integer(text, "err_code", strikes(&model.rules_failed) ? -32 : 0);
	text_close(text, '}');
	text_close(text, '}');
}

static bool put_answers(struct text *text, const char *request)
{
	bool is_answered = !model.hangs;

	text_open(text, NULL, '{');
	if (strstr(request, "get_sysinfo")) {
		put_sysinfo(text);
	}
	if (strstr(request, "get_realtime")) {
		put_reading(text, child_of(request));
	}
	if (strstr(request, "{\"time\":")) {
		put_time(text, request);
	}
	if (strstr(request, "get_daystat")) {
		put_day(text);
	}
	if (strstr(request, "get_rules")) {
		put_rules(text, request);
	}
	if (strstr(request, "set_brightness")) {
		set_brightness(text, request);
	}
	if (strstr(request, "set_relay_state")) {
		is_answered = switch_relay(text, request) && is_answered;
	}
	text_close(text, '}');
	return is_answered;
}

static void answer(struct fake_connection *connection, const char *request)
{
	char bytes[ANSWER_BYTES];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	if (!put_answers(&text, request)) {
		return;
	}
	model.waits_on = 0;
	fake_answer(connection, model.raw ? model.raw : bytes);
	if (model.closes) {
		fake_close(connection);
	}
}

static void on_request(struct fake_connection *connection, const char *request)
{
	/* One request at a time: the one before was answered, or given up with its connection. */
	assert_int_not_equal(model.waits_on, connection->number);
	assert_true(model.request_count < RIG_REQUESTS_MAX);
	model.requests[model.request_count++] = mem_copy(request);
	model.waits_on = connection->number;
	if (model.holds) {
		free(model.held);
		model.held = mem_copy(request);
	} else {
		answer(connection, request);
	}
}

void release(void)
{
	model.holds = false;
	assert_non_null(model.held);
	assert_non_null(plug.connections);
	answer(plug.connections, model.held);
	free(model.held);
	model.held = NULL;
}

size_t count_requests(const char *part)
{
	size_t count = 0;

	for (size_t i = 0; i < model.request_count; i++) {
		count += strstr(model.requests[i], part) != NULL;
	}
	return count;
}

/* ---- the bridge ---- */

static void on_outlet(void *arg, struct outlet *outlet, uint32_t leaves)
{
	assert_ptr_equal(arg, &book);
	assert_int_not_equal(leaves, LEAVES_NONE);
	book.leaves[outlet->index] |= leaves;
	book.states += (leaves & 1U << LEAF_STATE) != 0;
}

static void on_result(void *arg, struct outlet *outlet, struct order *ended,
	enum order_status status, const char *error)
{
	struct rig_result *result = &book.results[book.result_count];

	(void)arg;
	assert_true(book.result_count < RIG_RESULTS_MAX);
	*result = (struct rig_result) { .outlet = outlet,
		.kind = ended->kind,
		.status = status,
		.error = mem_copy(error),
		.id = mem_copy(ended->id),
		.states = book.states };
	book.result_count++;
	order_free(ended);
}

static void on_availability(void *arg, struct device *from)
{
	(void)arg;
	assert_ptr_equal(from, device);
	assert_int_equal(from->box.reason == NULL, from->box.is_online);
	book.changes++;
	book.powers = 0;
	for (size_t i = 0; i < from->outlet_count; i++) {
		book.powers += outlet_current_readings(&from->outlets[i]).has_power;
	}
}

static const struct device *find_owner(void *arg, const uint8_t *mac)
{
	(void)arg;
	return owner.has_mac && memcmp(mac, owner.mac, PLUG_MAC_BYTES) == 0 ? &owner : NULL;
}

static void on_pin(void *arg, struct device *from)
{
	(void)arg;
	assert_true(from->has_mac);
	book.pins++;
}

static void on_slice(void *arg)
{
	(void)arg;
}

static void on_known(void *arg, struct device *from, const struct plug_snapshot *snapshot)
{
	(void)arg;
	assert_memory_equal(snapshot->mac, from->mac, PLUG_MAC_BYTES);
	book.snapshots++;
}

static void on_moved(void *arg, struct outlet *outlet, enum cause cause)
{
	(void)arg;
	(void)outlet;
	assert_int_not_equal(cause, CAUSE_NONE);
	book.moves[cause]++;
}

static void on_lost(void *arg, struct device *lost)
{
	(void)arg;
	assert_true(lost->is_lost);
	book.losses++;
}

static void on_back(void *arg, struct device *back)
{
	(void)arg;
	assert_false(back->is_lost);
	book.returns++;
}

static void on_stranger(void *arg, struct device *missed, const uint8_t *mac)
{
	(void)arg;
	assert_memory_not_equal(mac, missed->mac, PLUG_MAC_BYTES);
	book.strangers++;
}

static const struct device_events events = {
	.on_lost = on_lost,
	.on_back = on_back,
	.on_stranger = on_stranger,
	.on_outlet = on_outlet,
	.on_result = on_result,
	.on_moved = on_moved,
	.on_availability = on_availability,
	.find_owner = find_owner,
	.on_pin = on_pin,
	.on_known = on_known,
	.on_slice = on_slice,
};

static void on_closed(void *arg)
{
	(void)arg;
	book.closed++;
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

int device_rig_setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(&book, 0, sizeof book);
	memset(&owner, 0, sizeof owner);
	memcpy(address, "127.0.0.1", sizeof address);
	model = (struct model) { .mac = RIG_MAC,
		.name = "HS110(EU)",
		.feature = "TIM:ENE",
		.year = 2026,
		.total_wh = 5000 };
	for (int i = 0; i < RIG_CHILDREN_MAX; i++) {
		model.power_mw[i] = 1000 * (i + 1);
	}
	uv_loop_init(&loop);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	fake_plug_init(&plug, &loop, on_request);
	host = (struct device_host) { .timeout_ms = TIMEOUT_MS,
		.steps = { .power_mw = 500, .heartbeat_ms = 60000 },
		.events = &events,
		.arg = &book };
	device_host_init(&host, &loop);
	energy_host_init(&host.energy, &(struct energy_time) { time(NULL), 0 });
	host.energy.is_settled = true;
	memset(counters, 0, sizeof counters);
	return 0;
}

int device_rig_teardown(void **state)
{
	(void)state;
	if (device) {
		device_close(device, "the test is over", on_closed);
		device = NULL;
		WAIT_FOR(book.closed == 1);
	}
	fake_plug_stop(&plug);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	for (size_t i = 0; i < model.request_count; i++) {
		free(model.requests[i]);
	}
	free(model.held);
	for (size_t i = 0; i < book.result_count; i++) {
		free(book.results[i].error);
		free(book.results[i].id);
	}
	return 0;
}

void start(const char *mac, const char *learned_mac, size_t outlets)
{
	struct config_outlet configured[RIG_CHILDREN_MAX];
	static char names[RIG_CHILDREN_MAX][9] = { "outlet-0", "outlet-1", "outlet-2", "outlet-3",
		"outlet-4", "outlet-5" };
	static char name[] = "kettle";
	static char room[] = "";
	uint8_t learned[PLUG_MAC_BYTES];
	struct config_device config = { .name = name,
		.host = address,
		.alias = alias,
		.port = plug.port,
		.poll_ms = POLL_MS,
		.has_mac = mac != NULL,
		.has_outlets = outlets > 0,
		.outlets = configured,
		.outlet_count = outlets > 0 ? outlets : 1 };

	if (mac) {
		assert_true(plug_mac_parse(mac, config.mac));
	}
	if (learned_mac) {
		assert_true(plug_mac_parse(learned_mac, learned));
	}
	for (size_t i = 0; i < config.outlet_count; i++) {
		configured[i] = (struct config_outlet) { names[i], names[i], room };
	}
	uv_update_time(&loop);
	device = device_new(&host, &config, learned_mac ? learned : NULL);
	for (size_t i = 0; i < device->outlet_count; i++) {
		device->outlets[i].energy.entry = &counters[i];
	}
	device_start(device, 0, 0);
}

void start_known(size_t outlets)
{
	start(RIG_MAC, NULL, outlets);
	WAIT_FOR(device->box.is_online && host.counters.reads >= 2 &&
		 device->outlets[0].now.has_power && device->outlets[0].now.has_energy_today);
}

void wait_reads(uint64_t count)
{
	const uint64_t end = host.counters.reads + count;

	WAIT_FOR(host.counters.reads >= end);
}

void order(size_t outlet, enum order_kind kind, const char *id, uint64_t ttl_ms)
{
	struct outlet *target = &device->outlets[outlet];
	const uint64_t arrived_ms = now_ms();
	const struct order_view view = { .now_ms = arrived_ms,
		.is_known = device_knows_state(device, target),
		.is_on = target->is_on };
	struct order *wanted = order_new(kind, arrived_ms, arrived_ms + ttl_ms);
	struct order_verdict verdict;

	wanted->id = mem_copy(id);
	verdict = order_admit(&target->orders, wanted, &view);
	assert_int_equal(verdict.admission, ORDER_ADMITTED);
	if (verdict.superseded) {
		device_end_order(target, verdict.superseded, ORDER_STATUS_SUPERSEDED, "superseded");
	}
	device_kick(device);
}

const struct rig_result *expect_result(enum order_status status, const char *error_part)
{
	const struct rig_result *result = NULL;

	WAIT_FOR(book.result_count > book.results_seen);
	result = &book.results[book.results_seen++];
	assert_string_equal(order_status_text(result->status), order_status_text(status));
	if (error_part && (!result->error || !strstr(result->error, error_part))) {
		fail_msg("%s", result->error ? result->error : "no error");
	}
	assert_true(error_part || !result->error);
	return result;
}
