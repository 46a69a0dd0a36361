#include "bridge/tasks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/mem.h"

enum {
	/* Good reads that may disagree with an acknowledged order before it has failed. */
	DISAGREEMENTS_MAX = 3,
	/* A strip answers for one outlet at a time: not more often than this. */
	SWEEP_MIN_MS = 5000,
	DAY_STATISTICS_MS = 60 * 1000,
	BUSY_RETRY_MS = 1000,
	/* How long a plug that closes after each reply is taken for itself at most. */
	TRUST_MAX_MS = 30 * 1000,
	SWITCH_RETRY_MAX_MS = 2000,
	/* No Kasa plug is older; a device that says so has lost its clock. */
	CLOCK_YEAR_MIN = 2015,
	WORDS_BYTES = 160,
};

static uint64_t now_ms(const struct device *device)
{
	return uv_now(device->host->transport.loop);
}

static int64_t wall_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void changed(struct device *device, struct outlet *outlet, uint32_t leaves)
{
	if (leaves != LEAVES_NONE) {
		device->host->events->on_outlet(device->host->arg, outlet, leaves);
	}
}

/* "device answered -3 (invalid argument)" */
static void put_device_error(char words[static WORDS_BYTES], int err_code)
{
	(void)snprintf(words, WORDS_BYTES, "device answered %d (%s)", err_code,
		plug_device_error_text(err_code));
}

/* On a kept connection the other end cannot have changed; a plug that closes after each reply is
 * taken for itself from one poll to the next but one. */
static bool is_trusted(const struct device *device)
{
	if (!device->is_verified) {
		return false;
	}
	if (device->line.is_connected) {
		return device->line.connects == device->verified_connection;
	}
	return now_ms(device) - device->verified_ms <=
	       (device->poll_ms < TRUST_MAX_MS / 2 ? 2 * device->poll_ms : TRUST_MAX_MS);
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

	if (!outlet || !is_trusted(device) || now_ms(device) < device->switch_at_ms) {
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
	return plug_request_switch(request, device->family, device->target->child_id, order->is_on);
}

/* The running order goes back to wait, or makes room for a newer one. */
static void retry_order(struct outlet *outlet)
{
	struct order *superseded = order_retry(&outlet->orders);

	if (superseded) {
		device_end_order(outlet, superseded, ORDER_STATUS_SUPERSEDED,
			"a newer command came before the device had answered");
	}
}

static void on_switch_refused(struct device *device, const struct plug_device_error *error)
{
	struct outlet *outlet = device->target;
	char words[WORDS_BYTES];

	if (plug_device_error_kind(error->err_code) == PLUG_DEVICE_ERROR_BUSY) {
		device->switch_at_ms = now_ms(device) + BUSY_RETRY_MS;
		retry_order(outlet);
		return;
	}
	put_device_error(words, error->err_code);
	device_end_order(outlet, order_end(&outlet->orders), ORDER_STATUS_FAILED, words);
}

static void on_switch_failure(struct device *device, enum plug_error error);

static void on_switch_reply(struct device *device, const struct plug_reply *reply)
{
	struct outlet *outlet = device->target;
	struct order *order = outlet->orders.running;
	struct plug_device_error refused = { 0 };
	const enum plug_error error = plug_reply_switch(reply, device->family, &refused);

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
	changed(device, outlet, outlet_take_state(outlet, order->is_on) | 1U << LEAF_STATE);
}

/* After an unknown outcome the next read tells; after a sure failure it checks the address. A kept
 * connection that had died unnoticed costs the first attempt nothing. */
static void on_switch_failure(struct device *device, enum plug_error error)
{
	struct order *order = device->target->orders.running;
	const bool is_stale = error == PLUG_ERESET && device->line.is_kept;
	uint64_t wait_ms = 0;

	order->was_sent = order->was_sent || plug_line_was_sent(&device->line);
	retry_order(device->target);
	device->wants_read = true;
	if (device->switch_misses++ > 0 || !is_stale) {
		wait_ms = (uint64_t)250 << (device->switch_misses < 4 ? device->switch_misses : 3);
		device_miss(device, plug_error_text(error));
	}
	device->switch_at_ms =
		now_ms(device) + (wait_ms < SWITCH_RETRY_MAX_MS ? wait_ms : SWITCH_RETRY_MAX_MS);
}

static bool has_unasked_read(const struct outlet *outlet)
{
	const struct order *read = outlet->orders.reads;

	while (read && read->is_asked) {
		read = read->next;
	}
	return read != NULL;
}

static bool wants_read(struct device *device)
{
	bool is_wanted = device->wants_read;

	device->target = NULL;
	for (size_t i = 0; i < device->outlet_count && !is_wanted; i++) {
		const struct order_book *book = &device->outlets[i].orders;

		is_wanted = has_unasked_read(&device->outlets[i]) ||
			    (book->running && book->running->was_acknowledged) ||
			    (order_book_has_work(book) && !is_trusted(device));
	}
	return is_wanted;
}

static enum plug_error write_read(struct device *device, struct plug_request *request)
{
	const bool with_energy =
		device->is_known && device->has_energy && !device->is_strip && !device->reads_alone;

	device->wants_read = false;
	device->asked_energy = with_energy;
	for (size_t i = 0; i < device->outlet_count; i++) {
		order_mark_reads_asked(&device->outlets[i].orders);
	}
	return device->is_known ? plug_request_poll(request, device->family, with_energy)
				: plug_request_sysinfo(request);
}

/* What keeps a device that answered from being used, or an empty text. */
static void find_obstacle(const struct device *device, const struct plug_sysinfo *info,
	char words[static WORDS_BYTES])
{
	char mac[PLUG_MAC_TEXT_BYTES];

	words[0] = '\0';
	plug_mac_format(info->mac, mac);
	if (!info->has_mac) {
		(void)snprintf(words, WORDS_BYTES,
			"what answers at %s does not tell its MAC: it cannot be trusted",
			device->address);
	} else if (device->has_mac && memcmp(device->mac, info->mac, sizeof info->mac) != 0) {
		(void)snprintf(words, WORDS_BYTES, "another device answers at %s: MAC %s",
			device->address, mac);
	} else if (info->family == PLUG_FAMILY_UNSUPPORTED) {
		(void)snprintf(
			words, WORDS_BYTES, "not a device that switches: %.40s", info->model);
	} else if (device->is_strip && info->family != PLUG_FAMILY_STRIP) {
		(void)snprintf(
			words, WORDS_BYTES, "%.40s is not a strip: remove outlets", info->model);
	} else if (!device->is_strip && info->family == PLUG_FAMILY_STRIP) {
		(void)snprintf(words, WORDS_BYTES,
			"%.40s is a strip with %zu outlets: name them with outlets = ( ... )",
			info->model, info->outlet_count);
	} else if (device->outlet_count > info->outlet_count) {
		(void)snprintf(words, WORDS_BYTES, "%.40s has %zu outlets but %zu are configured",
			info->model, info->outlet_count, device->outlet_count);
	}
}

static void pin(struct device *device, const struct plug_sysinfo *info)
{
	if (!device->has_mac) {
		device->has_mac = true;
		memcpy(device->mac, info->mac, sizeof device->mac);
		device->host->events->on_pin(device->host->arg, device);
	}
}

static void take_box(struct device *device, const struct plug_sysinfo *info)
{
	device->family = info->family;
	device->has_energy = info->has_energy;
	(void)mem_replace_start(&device->box.model, info->model, OUTLET_DEVICE_TEXT_MAX_BYTES);
	device->box.has_rssi = info->has_rssi;
	device->box.rssi_dbm = info->rssi_dbm;
	device->box.read_wall_ms = wall_ms();
	device->box.read_ms = now_ms(device);
	device->is_verified = true;
	device->verified_connection = device->line.connects;
	device->verified_ms = now_ms(device);
}

/* The order that was acknowledged, or sent without an answer, against what the relay shows now. */
static void confirm(struct outlet *outlet)
{
	struct order_book *book = &outlet->orders;
	struct order *order = NULL;

	if (!book->running && book->pending && book->pending->was_sent &&
		book->pending->is_on == outlet->is_on) {
		(void)order_next(book);
		book->running->was_acknowledged = true;
	}
	order = book->running;
	if (!order || !order->was_acknowledged) {
		return;
	}
	if (order->is_on == outlet->is_on) {
		device_end_order(outlet, order_end(book), ORDER_STATUS_OK, NULL);
	} else if (++order->disagreements >= DISAGREEMENTS_MAX) {
		device_end_order(outlet, order_end(book), ORDER_STATUS_FAILED,
			"relay did not move: the device acknowledged, then showed the old state");
	} else {
		retry_order(outlet);
	}
}

static void answer_reads(struct device *device, struct outlet *outlet)
{
	struct order *read = order_take_read(&outlet->orders);

	if (read) {
		changed(device, outlet, LEAVES_ALL);
	}
	while (read) {
		device_end_order(outlet, read, ORDER_STATUS_OK, NULL);
		read = order_take_read(&outlet->orders);
	}
}

static uint32_t take_reading(
	struct device *device, const struct plug_reply *reply, struct outlet *outlet)
{
	struct plug_realtime reading = { 0 };
	const enum plug_error error = plug_reply_realtime(reply, device->family, &reading);

	if (error != PLUG_OK) {
		device->host->counters.energy_errors++;
	}
	return outlet_take_reading(outlet, &reading, &device->host->steps);
}

static void take_outlets(struct device *device, const struct plug_reply *reply,
	const struct plug_sysinfo *info, bool with_energy)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];
		uint32_t leaves = outlet_take_info(outlet, &info->outlets[i], &device->host->steps);

		if (with_energy) {
			leaves |= take_reading(device, reply, outlet);
		}
		leaves |= outlet_take_heartbeat(outlet, now_ms(device), &device->host->steps);
		changed(device, outlet, leaves);
	}
}

/* What a good read makes due. */
static void plan_energy(struct device *device, bool was_known)
{
	const uint64_t now = now_ms(device);
	const bool is_sweep = device->is_strip && (!was_known || now >= device->next_sweep_ms);
	const bool is_day = now >= device->next_day_ms;

	if (!device->has_energy) {
		return;
	}
	/* Energy is asked only of a device that has told its features. */
	device->wants_read = device->wants_read || (!was_known && !device->is_strip);
	for (size_t i = 0; i < device->outlet_count; i++) {
		device->outlets[i].wants_energy |= is_sweep;
		device->outlets[i].wants_day |= is_day;
	}
	device->next_sweep_ms = is_sweep ? now + SWEEP_MIN_MS : device->next_sweep_ms;
	device->next_day_ms = is_day ? now + DAY_STATISTICS_MS : device->next_day_ms;
	device->wants_date = device->wants_date || is_day;
}

static void on_good_read(
	struct device *device, const struct plug_reply *reply, const struct plug_sysinfo *info)
{
	const bool was_known = device->is_known;

	device->host->counters.reads++;
	device->misses = 0;
	device->retry_at_ms = 0;
	device->is_known = true;
	device->reads_alone = false;
	take_box(device, info);
	take_outlets(device, reply, info, was_known && device->has_energy && !device->is_strip);
	device_set_online(device);
	plan_energy(device, was_known);
	for (size_t i = 0; i < device->outlet_count; i++) {
		confirm(&device->outlets[i]);
		answer_reads(device, &device->outlets[i]);
	}
}

/* A reading that is no JSON (NaN) spoils the whole answer: the state is asked alone before that
 * counts as a miss. */
static void on_read_failure(struct device *device, enum plug_error error)
{
	if (error == PLUG_EPROTO && device->asked_energy) {
		device->reads_alone = true;
		device->wants_read = true;
	} else {
		device_miss(device, plug_error_text(error));
	}
}

static void on_read_reply(struct device *device, const struct plug_reply *reply)
{
	struct plug_sysinfo info;
	char words[WORDS_BYTES];
	const enum plug_error error = plug_reply_sysinfo(reply, &info);

	if (error != PLUG_OK) {
		on_read_failure(device, error);
		return;
	}
	find_obstacle(device, &info, words);
	if (words[0] != '\0') {
		device_miss(device, words);
		device_set_offline(device, words);
		return;
	}
	pin(device, &info);
	on_good_read(device, reply, &info);
}

static bool wants_energy(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count && device->is_strip; i++) {
		if (device->outlets[i].wants_energy && device->outlets[i].child_id) {
			device->target = &device->outlets[i];
			return true;
		}
	}
	return false;
}

static enum plug_error write_energy(struct device *device, struct plug_request *request)
{
	device->target->wants_energy = false;
	return plug_request_realtime(request, device->family, device->target->child_id);
}

static void on_energy_reply(struct device *device, const struct plug_reply *reply)
{
	changed(device, device->target, take_reading(device, reply, device->target));
}

/* Side questions never make a device offline: the next read decides. */
static void on_side_failure(struct device *device, enum plug_error error)
{
	(void)error;
	device->host->counters.energy_errors++;
}

static bool wants_clock(struct device *device)
{
	device->target = NULL;
	return device->wants_date;
}

static enum plug_error write_clock(struct device *device, struct plug_request *request)
{
	device->wants_date = false;
	device->date.year = 0;
	return plug_request_time(request, device->family);
}

static void on_clock_reply(struct device *device, const struct plug_reply *reply)
{
	if (plug_reply_time(reply, device->family, &device->date) != PLUG_OK) {
		device->date.year = 0;
	}
}

/* Without a clock there is no today: what was known of it is gone. */
static bool wants_day(struct device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];

		if (outlet->wants_day && device->date.year >= CLOCK_YEAR_MIN) {
			device->target = outlet;
			return true;
		}
		if (outlet->wants_day) {
			outlet->wants_day = false;
			changed(device, outlet,
				outlet_take_today(outlet, false, 0, &device->host->steps));
		}
	}
	return false;
}

static enum plug_error write_day(struct device *device, struct plug_request *request)
{
	device->target->wants_day = false;
	return plug_request_day_statistics(request, device->family, device->target->child_id,
		device->date.year, device->date.month);
}

static void on_day_reply(struct device *device, const struct plug_reply *reply)
{
	int64_t energy_wh = 0;
	const enum plug_error error = plug_reply_day_energy(reply, device->family,
		device->date.year, device->date.month, device->date.day, &energy_wh);

	if (error != PLUG_OK) {
		device->host->counters.energy_errors++;
	}
	changed(device, device->target,
		outlet_take_today(
			device->target, error == PLUG_OK, energy_wh, &device->host->steps));
}

/* In order of importance. */
static const struct device_task tasks[] = {
	{ "switch", wants_switch, write_switch, on_switch_reply, on_switch_failure, false },
	{ "read", wants_read, write_read, on_read_reply, on_read_failure, true },
	{ "energy", wants_energy, write_energy, on_energy_reply, on_side_failure, true },
	{ "clock", wants_clock, write_clock, on_clock_reply, on_side_failure, true },
	{ "day", wants_day, write_day, on_day_reply, on_side_failure, true },
};

const struct device_task *task_pick(struct device *device)
{
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
		if (tasks[i].is_wanted(device)) {
			return &tasks[i];
		}
	}
	return NULL;
}
