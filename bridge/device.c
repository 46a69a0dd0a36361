#include "bridge/device.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"

enum {
	/* Polls due within one step go out in one wake-up. */
	POLL_GRID_MS = 50,
	BACKOFF_MIN_MS = 1000,
	BACKOFF_MAX_MS = 60 * 1000,
	BACKOFF_ORDER_MS = 2000,
	/* Doublings that lead from the shortest wait to the longest. */
	BACKOFF_STEPS = 6,
	MISSES_TO_OFFLINE = 2,
	/* A state older than three heartbeats is stale. */
	STALE_HEARTBEATS = 3,
};

static void proceed(struct device *device);

static uint64_t now_ms(const struct device *device)
{
	return uv_now(device->host->transport.loop);
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void device_host_init(struct device_host *host, uv_loop_t *loop)
{
	plug_transport_init(&host->transport, loop);
	if (uv_random(NULL, NULL, &host->jitter, sizeof host->jitter, 0, NULL) != 0) {
		host->jitter = (uint32_t)uv_hrtime();
	}
	host->jitter |= 1;
}

/* wait_ms give or take a fifth, so that devices that failed together do not come back together.
 * Marsaglia's xorshift32: nothing here needs a better one. */
static uint64_t with_jitter(struct device_host *host, uint64_t wait_ms)
{
	host->jitter ^= host->jitter << 13;
	host->jitter ^= host->jitter >> 17;
	host->jitter ^= host->jitter << 5;
	return wait_ms - wait_ms / 5 + host->jitter % (2 * wait_ms / 5 + 1);
}

/* Without an address there is nobody to ask. */
static bool is_reachable(const struct device *device)
{
	return device->address[0] != '\0';
}

static bool has_orders(const struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		if (order_book_deadline_ms(&device->outlets[i].orders) != UINT64_MAX) {
			return true;
		}
	}
	return false;
}

void device_end_order(
	struct outlet *outlet, struct order *order, enum order_status status, const char *error)
{
	const struct device_host *host = outlet->box->device->host;

	host->events->on_result(host->arg, outlet, order, status, error);
}

void device_set_online(struct device *device)
{
	if (device->box.is_online) {
		return;
	}
	device->box.is_online = true;
	free(device->box.reason);
	device->box.reason = NULL;
	device->host->counters.online++;
	device->host->events->on_availability(device->host->arg, device);
}

void device_set_offline(struct device *device, const char *reason)
{
	const bool is_news = mem_replace(&device->box.reason, reason);

	/* Whoever answers next may be another: it is asked for nothing but sysinfo first. */
	device->is_known = false;
	if (!device->box.is_online && !is_news) {
		return;
	}
	if (device->box.is_online) {
		device->host->counters.online--;
		for (size_t i = 0; i < device->outlet_count; i++) {
			outlet_forget_readings(&device->outlets[i]);
		}
		if (device->whole) {
			outlet_forget_readings(device->whole);
		}
	}
	device->box.is_online = false;
	device->host->events->on_availability(device->host->arg, device);
}

static void set_lost(struct device *device)
{
	if (!device->is_lost) {
		device->is_lost = true;
		device->host->events->on_lost(device->host->arg, device);
	}
}

void device_set_back(struct device *device)
{
	device->has_stranger = false;
	device->dialect = PLUG_DIALECT_XOR;
	if (device->is_lost) {
		device->is_lost = false;
		device->host->events->on_back(device->host->arg, device);
	}
}

void device_note_stranger(struct device *device, const uint8_t mac[static PLUG_MAC_BYTES])
{
	if (!device->has_stranger || memcmp(device->stranger, mac, PLUG_MAC_BYTES) != 0) {
		device->has_stranger = true;
		memcpy(device->stranger, mac, PLUG_MAC_BYTES);
		device->host->events->on_stranger(device->host->arg, device, mac);
	}
}

void device_pin(struct device *device, const uint8_t mac[static PLUG_MAC_BYTES])
{
	if (!device->has_mac) {
		device->has_mac = true;
		memcpy(device->mac, mac, sizeof device->mac);
		device->host->events->on_pin(device->host->arg, device);
	}
}

void device_set_dialect(struct device *device, enum plug_dialect dialect)
{
	const char *advice = plug_dialect_advice(dialect);

	device->dialect = dialect;
	if (advice && !device->box.is_online) {
		device_set_offline(device, advice);
	}
}

/* Plans the next try. */
static void count_miss(struct device *device)
{
	const unsigned step = device->misses < BACKOFF_STEPS ? device->misses : BACKOFF_STEPS;
	uint64_t wait_ms = lesser((uint64_t)BACKOFF_MIN_MS << step, BACKOFF_MAX_MS);

	device->host->counters.misses++;
	device->is_verified = false;
	device->misses++;
	device->failed_ms = now_ms(device);
	wait_ms = with_jitter(device->host, wait_ms);
	if (has_orders(device)) {
		wait_ms = lesser(wait_ms, BACKOFF_ORDER_MS);
	}
	device->retry_at_ms = device->failed_ms + wait_ms;
	device->wants_read = true;
}

void device_miss(struct device *device, const char *reason)
{
	const char *advice = plug_dialect_advice(device->dialect);

	if (device->is_moving) {
		return;
	}
	count_miss(device);
	if (device->misses >= MISSES_TO_OFFLINE) {
		device_set_offline(device, advice ? advice : reason);
	}
	set_lost(device);
}

void device_refuse(struct device *device, const char *reason)
{
	count_miss(device);
	device_set_back(device);
	device_set_offline(device, reason);
}

bool device_cannot_dim(const struct device *device)
{
	return device->family != PLUG_FAMILY_UNSUPPORTED && device->family != PLUG_FAMILY_DIMMER &&
	       !plug_family_is_light(device->family);
}

bool device_knows_state(const struct device *device, const struct outlet *outlet)
{
	return outlet->has_state && device->box.is_online &&
	       now_ms(device) - device->box.read_ms <=
		       STALE_HEARTBEATS * device->host->steps.heartbeat_ms;
}

static void on_answer(struct plug_line *line, enum plug_error error, const char *text, size_t size)
{
	struct device *device = line->data;
	const struct device_task *task = device->task;
	struct plug_reply reply = { 0 };

	device->task = NULL;
	if (device->is_closing) {
		return;
	}
	if (error == PLUG_OK) {
		error = plug_reply_parse(&reply, text, size);
	}
	if (error == PLUG_OK) {
		task->on_reply(device, &reply);
	} else {
		device->is_verified = false;
		plug_line_disconnect(line);
		task->on_failure(device, error);
	}
	plug_reply_clear(&reply);
	/* What the device said goes out before it is asked again. */
	device->host->events->on_slice(device->host->arg);
	proceed(device);
}

static void on_drop(struct plug_line *line, enum plug_error how)
{
	struct device *device = line->data;

	/* A plug that closes after its reply is still itself; a reset may be another's. */
	if (how != PLUG_OK) {
		device->is_verified = false;
	}
}

static uint64_t timeout_ms(const struct device *device, const struct device_task *task)
{
	const struct order *order =
		!task->may_repeat && device->target ? device->target->orders.running : NULL;
	const uint64_t now = now_ms(device);
	const uint64_t left_ms = order && order->deadline_ms > now ? order->deadline_ms - now : 1;

	return order ? lesser(left_ms, device->host->timeout_ms) : device->host->timeout_ms;
}

static void ask(struct device *device, const struct device_task *task)
{
	struct plug_request request;
	struct plug_ask ask = { .may_repeat = task->may_repeat };
	enum plug_error error = task->write(device, &request);

	ask.text = request.text;
	ask.size = request.size;
	ask.timeout_ms = timeout_ms(device, task);
	if (error == PLUG_OK) {
		device->task = task;
		error = plug_line_ask(&device->line, &ask, on_answer);
	}
	if (error == PLUG_ENOMEM) {
		log_fatal("out of memory");
	}
	if (error != PLUG_OK) {
		device->task = NULL;
		task->on_failure(device, error);
	}
}

static void expire_orders(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];
		const bool may_stop = !device->task || device->target != outlet;
		struct order *order = order_expire(&outlet->orders, now_ms(device), may_stop);

		while (order) {
			const char *error =
				device->box.reason ? device->box.reason : "no answer in time";

			if (order->was_acknowledged) {
				error = "acknowledged, but the device did not confirm it in time";
			} else if (order->was_sent) {
				error = "sent, but never answered: the relay may have moved";
			}
			device_end_order(outlet, order,
				order->was_acknowledged ? ORDER_STATUS_FAILED
							: ORDER_STATUS_EXPIRED,
				error);
			order = order_expire(&outlet->orders, now_ms(device), may_stop);
		}
	}
}

/* The next poll on the grid, in the device's own phase; what was missed is not made up for. */
static void plan_poll(struct device *device, uint64_t now)
{
	const uint64_t origin_ms = device->started_ms + device->phase_ms;
	const uint64_t intervals = now > origin_ms ? (now - origin_ms) / device->poll_ms + 1 : 0;
	const uint64_t next_ms = origin_ms + intervals * device->poll_ms;

	device->next_poll_ms = (next_ms + POLL_GRID_MS - 1) / POLL_GRID_MS * POLL_GRID_MS;
	if (device->next_poll_ms <= now) {
		device->next_poll_ms += device->poll_ms;
	}
}

static uint64_t next_wake_ms(const struct device *device)
{
	const bool is_idle = plug_line_is_idle(&device->line);
	uint64_t wake_ms = device->next_poll_ms;

	if (device->retry_at_ms > 0 && is_idle) {
		wake_ms = device->retry_at_ms;
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		const struct order_book *book = &device->outlets[i].orders;

		wake_ms = lesser(wake_ms, order_book_deadline_ms(book));
		if (is_idle && is_reachable(device) && order_book_has_work(book) &&
			device->retry_at_ms == 0) {
			wake_ms = lesser(wake_ms, device->switch_at_ms);
		}
	}
	return wake_ms;
}

static void on_wake(uv_timer_t *timer)
{
	struct device *device = timer->data;
	const uint64_t now = now_ms(device);

	device->wake_at_ms = 0;
	if (now >= device->next_poll_ms) {
		device->wants_read = true;
		plan_poll(device, now);
	}
	proceed(device);
	device->host->events->on_slice(device->host->arg);
}

static void plan_wake(struct device *device)
{
	const uint64_t now = now_ms(device);
	const uint64_t wake_ms = next_wake_ms(device);

	if (device->wake_at_ms == wake_ms) {
		return;
	}
	device->wake_at_ms = wake_ms;
	uv_timer_start(&device->wake, on_wake, wake_ms > now ? wake_ms - now : 0, 0);
}

/* Everything that happens to a device ends here: what is over is answered, what is due is asked. */
static void proceed(struct device *device)
{
	const struct device_task *task = NULL;

	expire_orders(device);
	if (device->retry_at_ms > 0 && now_ms(device) >= device->retry_at_ms) {
		device->retry_at_ms = 0;
	}
	while (!device->is_closing && is_reachable(device) && device->retry_at_ms == 0 &&
		plug_line_is_idle(&device->line) && (task = task_pick(device))) {
		ask(device, task);
	}
	if (!device->is_closing) {
		plan_wake(device);
	}
}

void device_kick(struct device *device)
{
	if (device->retry_at_ms > 0) {
		device->retry_at_ms =
			lesser(device->retry_at_ms, device->failed_ms + BACKOFF_ORDER_MS);
	}
	proceed(device);
}

static void set_address(struct device *device, const char *address)
{
	char *found = strcmp(address, device->configured_host) == 0 ? NULL : mem_copy(address);

	free(device->found);
	device->found = found;
	device->address = found ? found : device->configured_host;
}

/* What ends with the move is asked again at the new address, the MAC first. */
void device_move(struct device *device, const char *address)
{
	set_address(device, address);
	device->is_moving = true;
	device->is_verified = false;
	device->is_known = false;
	device->wants_read = true;
	device->retry_at_ms = 0;
	if (plug_line_move(&device->line, device->address) != PLUG_OK) {
		log_fatal("out of memory");
	}
	device->is_moving = false;
	device->switch_at_ms = 0;
	device->switch_misses = 0;
	if (device->started_ms > 0) {
		proceed(device);
	}
}

void device_hurry(struct device *device)
{
	if (device->retry_at_ms > 0) {
		device->retry_at_ms = 0;
		proceed(device);
	}
}

/* NULL for what is not set. */
static void replace(char **slot, const char *text)
{
	free(*slot);
	*slot = text && text[0] != '\0' ? mem_copy(text) : NULL;
}

void device_rename(struct device *device, const struct config_device *config)
{
	replace(&device->label, config->has_outlets ? config->label : "");
	replace(&device->room, config->has_outlets ? config->room : "");
	replace(&device->ha_id, config->ha_id);
}

static void init_outlets(struct device *device, const struct config_device *config)
{
	device->outlet_count = config->outlet_count;
	device->outlets = mem_array(config->outlet_count, sizeof *device->outlets);
	for (size_t i = 0; i < config->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];

		outlet_init(outlet, config->outlets[i].name, &device->box);
		(void)outlet_rename(outlet, config->outlets[i].label, config->outlets[i].room);
		outlet->index = i;
	}
	if (config->has_outlets) {
		device->whole = mem_new(sizeof *device->whole);
		outlet_init(device->whole, config->name, &device->box);
		(void)outlet_rename(device->whole, config->label, config->room);
		device->whole->is_strip = true;
	}
}

struct device *device_new(
	struct device_host *host, const struct config_device *config, const uint8_t *learned_mac)
{
	struct device *device = mem_new(sizeof *device);

	device->host = host;
	device->name = mem_copy(config->name);
	device->configured_host = mem_copy(config->host);
	device->alias = config->alias[0] != '\0' ? mem_copy(config->alias) : NULL;
	device->address = device->configured_host;
	device->port = config->port;
	device->poll_ms = config->poll_ms;
	device->is_strip = config->has_outlets;
	device->is_mac_configured = config->has_mac;
	device->has_mac = config->has_mac || learned_mac;
	if (device->has_mac) {
		memcpy(device->mac, config->has_mac ? config->mac : learned_mac, PLUG_MAC_BYTES);
	}
	device_rename(device, config);
	device->box.device = device;
	device->box.reason = mem_copy(is_reachable(device) ? "not read yet" : "not found yet");
	init_outlets(device, config);
	if (plug_line_init(&device->line, &host->transport, config->host, config->port, on_drop) !=
		PLUG_OK) {
		log_fatal("out of memory");
	}
	device->line.data = device;
	uv_timer_init(host->transport.loop, &device->wake);
	device->wake.data = device;
	return device;
}

void device_start(struct device *device, uint64_t first_ms, uint64_t phase_ms)
{
	const uint64_t now = now_ms(device);

	device->started_ms = now;
	device->phase_ms = phase_ms;
	device->next_poll_ms = now + first_ms;
	plan_wake(device);
	if (!is_reachable(device)) {
		set_lost(device);
	}
}

static void free_device(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		outlet_clear(&device->outlets[i]);
	}
	free(device->outlets);
	if (device->whole) {
		outlet_clear(device->whole);
		free(device->whole);
	}
	task_free_clock(device);
	task_free_known(device);
	free(device->box.reason);
	free(device->box.model);
	free(device->label);
	free(device->room);
	free(device->ha_id);
	free(device->name);
	free(device->alias);
	free(device->found);
	free(device->configured_host);
	free(device);
}

static void handle_closed(struct device *device)
{
	void (*on_closed)(void *arg) = device->on_closed;
	void *arg = device->host->arg;

	if (--device->open_handles == 0) {
		free_device(device);
		if (on_closed) {
			on_closed(arg);
		}
	}
}

static void on_line_closed(struct plug_line *line)
{
	handle_closed(line->data);
}

static void on_wake_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

void device_close(struct device *device, const char *why, void (*on_closed)(void *arg))
{
	device->is_closing = true;
	device->on_closed = on_closed;
	if (device->box.is_online) {
		device->host->counters.online--;
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];

		for (struct order *order = order_take_any(&outlet->orders); order;
			order = order_take_any(&outlet->orders)) {
			device_end_order(outlet, order, ORDER_STATUS_FAILED, why);
		}
	}
	device->open_handles = 2;
	plug_line_close(&device->line, on_line_closed);
	uv_close((uv_handle_t *)&device->wake, on_wake_closed);
}
