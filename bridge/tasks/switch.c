/* The order for a relay: sent, and what the device says to it. Its confirmation is in read.c. */
#include <stdio.h>

#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"
#include "protocol/settings.h"

enum {
	BUSY_RETRY_MS = 1000,
	SWITCH_RETRY_MAX_MS = 2000,
	WORDS_BYTES = 160,
};

/* "device answered -3 (invalid argument)" */
static void put_device_error(char words[static WORDS_BYTES], int err_code)
{
	(void)snprintf(words, WORDS_BYTES, "device answered %d (%s)", err_code,
		plug_device_error_text(err_code));
}

/* The next outlet with an order to send, each in turn. */
static struct outlet *find_work(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		const size_t at = (device->next_outlet + i) % device->outlet_count;

		if (order_book_has_work(&device->outlets[at].orders)) {
			return &device->outlets[at];
		}
	}
	return NULL;
}

static bool wants_switch(struct device *device)
{
	struct outlet *outlet = find_work(device);

	if (!outlet || !task_is_trusted(device) || task_now_ms(device) < device->switch_at_ms) {
		return false;
	}
	device->target = outlet;
	device->next_outlet = (outlet->index + 1) % device->outlet_count;
	return true;
}

static enum plug_error write_switch(struct device *device, struct plug_request *request)
{
	struct order *order = order_next(&device->target->orders);

	device->host->counters.switches++;
	if (order->brightness > 0) {
		return plug_request_light_up(request, device->family, order->brightness);
	}
	return plug_request_switch(request, device->family, device->target->child_id, order->is_on);
}

static void on_switch_refused(struct device *device, const struct plug_device_error *error)
{
	struct outlet *outlet = device->target;
	char words[WORDS_BYTES];

	if (plug_device_error_kind(error->err_code) == PLUG_DEVICE_ERROR_BUSY) {
		device->switch_at_ms = task_now_ms(device) + BUSY_RETRY_MS;
		task_retry_order(outlet);
		return;
	}
	put_device_error(words, error->err_code);
	device_end_order(outlet, order_end(&outlet->orders), ORDER_STATUS_FAILED, words);
}

static void on_switch_failure(struct device *device, enum plug_error error);

/* A dimmer answers twice: to its brightness, and to its relay. */
static enum plug_error read_answer(const struct device *device, const struct order *order,
	const struct plug_reply *reply, struct plug_device_error *refused)
{
	const struct plug_method method = plug_brightness_method(device->family);
	struct json_object *answer = NULL;
	enum plug_error error = PLUG_OK;

	if (order->brightness > 0) {
		error = plug_reply_method(reply, method.module, method.method, &answer, refused);
	}
	return error != PLUG_OK ? error : plug_reply_switch(reply, device->family, refused);
}

static void on_switch_reply(struct device *device, const struct plug_reply *reply)
{
	struct outlet *outlet = device->target;
	struct order *order = outlet->orders.running;
	struct plug_device_error refused = { 0 };
	const enum plug_error error = read_answer(device, order, reply, &refused);

	if (error == PLUG_EDEVICE || error == PLUG_EUNSUPPORTED) {
		on_switch_refused(device, &refused);
		return;
	}
	if (error != PLUG_OK) {
		on_switch_failure(device, error);
		return;
	}
	device->switch_misses = 0;
	order->was_acknowledged = true;
	device->wants_read = true;
	outlet->wants_energy = device->has_energy;
	task_changed(device, outlet, outlet_take_state(outlet, order->is_on) | 1U << LEAF_STATE);
}

/* After an unknown outcome the next read tells; after a sure failure it checks the address. A kept
 * connection that had died unnoticed costs the first attempt nothing. */
static void on_switch_failure(struct device *device, enum plug_error error)
{
	struct order *order = device->target->orders.running;
	const bool is_stale = error == PLUG_ERESET && device->line.is_kept;
	uint64_t wait_ms = 0;

	/* Nothing was sent: it came through the door before the device had said what it is. */
	if (error == PLUG_EUNSUPPORTED) {
		device_end_order(device->target, order_end(&device->target->orders),
			ORDER_STATUS_REFUSED, ORDER_CANNOT_DIM);
		return;
	}
	if (plug_line_was_sent(&device->line)) {
		order->was_sent = true;
		device->target->unanswered |= (uint8_t)(1U << order->is_on);
	}
	task_retry_order(device->target);
	device->wants_read = true;
	if (device->switch_misses++ > 0 || !is_stale) {
		wait_ms = (uint64_t)250 << (device->switch_misses < 4 ? device->switch_misses : 3);
		device_miss(device, plug_error_text(error));
	}
	device->switch_at_ms = task_now_ms(device) +
			       (wait_ms < SWITCH_RETRY_MAX_MS ? wait_ms : SWITCH_RETRY_MAX_MS);
}

const struct device_task task_switch = {
	.name = "switch",
	.is_wanted = wants_switch,
	.write = write_switch,
	.on_reply = on_switch_reply,
	.on_failure = on_switch_failure,
};
