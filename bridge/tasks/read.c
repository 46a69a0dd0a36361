/* The read: who is there, how its relays stand, whether an order came true. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/tasks/common.h"
#include "bridge/tasks/tasks.h"

enum {
	/* Good reads that may disagree with an acknowledged order before it has failed. */
	DISAGREEMENTS_MAX = 3,
	/* A strip answers for one outlet at a time: not more often than this. */
	SWEEP_MIN_MS = 5000,
	/* They are read from flash, one after the other. */
	DAY_STATISTICS_MIN_MS = 60 * 1000,
	DAY_STATISTICS_MS = 3600 * 1000,
	/* While they could not be had, or it is not known how well they keep up. */
	DAY_STATISTICS_RETRY_MS = 600 * 1000,
	WORDS_BYTES = 160,
};

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
			    (order_book_has_work(book) && !task_is_trusted(device));
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

static bool is_other_device(const struct device *device, const struct plug_sysinfo *info)
{
	return info->has_mac && device->has_mac &&
	       memcmp(device->mac, info->mac, sizeof info->mac) != 0;
}

/* The device of the configuration that answered in place of this one, which has no MAC yet. */
static const struct device *find_owner(const struct device *device, const struct plug_sysinfo *info)
{
	const struct device_host *host = device->host;

	return info->has_mac && !device->has_mac ? host->events->find_owner(host->arg, info->mac)
						 : NULL;
}

/* Why what answered is not taken for the device, or an empty text. */
static void find_doubt(const struct device *device, const struct plug_sysinfo *info,
	char words[static WORDS_BYTES])
{
	const struct device *owner = find_owner(device, info);
	char mac[PLUG_MAC_TEXT_BYTES];

	words[0] = '\0';
	plug_mac_format(info->mac, mac);
	if (!info->has_mac) {
		(void)snprintf(words, WORDS_BYTES,
			"what answers at %s does not tell its MAC: it cannot be trusted",
			device->address);
	} else if (is_other_device(device, info)) {
		(void)snprintf(words, WORDS_BYTES, "another device answers at %s: MAC %s",
			device->address, mac);
	} else if (owner) {
		(void)snprintf(
			words, WORDS_BYTES, "the device at %s is %s", device->address, owner->name);
	}
}

/* What keeps the device from being used, or an empty text. */
static void find_obstacle(const struct device *device, const struct plug_sysinfo *info,
	char words[static WORDS_BYTES])
{
	words[0] = '\0';
	if (info->family == PLUG_FAMILY_UNSUPPORTED) {
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

/* Once for each device of a run: its energy is another sum when outlets are named or not. */
static void tell_unnamed(const struct device *device, const struct plug_sysinfo *info)
{
	if (device->is_strip && !device->box.model && device->outlet_count < info->outlet_count) {
		log_info("%s: %zu of its %zu outlets are named: its power and energy are theirs",
			device->name, device->outlet_count, info->outlet_count);
	}
}

static void take_box(struct device *device, const struct plug_sysinfo *info)
{
	tell_unnamed(device, info);
	device->family = info->family;
	device->has_energy = info->has_energy;
	(void)mem_replace_start(&device->box.model, info->model, OUTLET_DEVICE_TEXT_MAX_BYTES);
	device->box.brightness = info->has_brightness ? (uint8_t)info->brightness_percent : 0;
	device->box.has_rssi = info->has_rssi;
	device->box.has_meter = info->has_energy;
	device->box.rssi_dbm = info->rssi_dbm;
	device->box.read_wall_ms = task_wall_ms();
	device->box.read_ms = task_now_ms(device);
	device->is_verified = true;
	device->verified_connection = device->line.connects;
	device->verified_ms = task_now_ms(device);
}

static bool is_fulfilled(const struct outlet *outlet, const struct order *order)
{
	return order->is_on == outlet->is_on &&
	       (order->brightness == 0 || order->brightness == outlet->brightness);
}

/* The order that was acknowledged, or sent without an answer, against what the relay shows now. */
static void confirm(struct outlet *outlet)
{
	struct order_book *book = &outlet->orders;
	struct order *order = NULL;

	if (!book->running && book->pending && book->pending->was_sent &&
		is_fulfilled(outlet, book->pending)) {
		(void)order_next(book);
		book->running->was_acknowledged = true;
	}
	order = book->running;
	if (!order || !order->was_acknowledged) {
		return;
	}
	if (is_fulfilled(outlet, order)) {
		device_end_order(outlet, order_end(book), ORDER_STATUS_OK, NULL);
	} else if (++order->disagreements >= DISAGREEMENTS_MAX) {
		device_end_order(outlet, order_end(book), ORDER_STATUS_FAILED,
			order->is_on == outlet->is_on
				? "brightness did not change: the device acknowledged, then "
				  "showed another"
				: "relay did not move: the device acknowledged, then showed the "
				  "old state");
	} else {
		task_retry_order(outlet);
	}
}

static void answer_reads(struct device *device, struct outlet *outlet)
{
	struct order *read = order_take_read(&outlet->orders);

	if (read) {
		task_changed(device, outlet, LEAVES_ALL);
	}
	while (read) {
		device_end_order(outlet, read, ORDER_STATUS_OK, NULL);
		read = order_take_read(&outlet->orders);
	}
}

static int32_t second_of_day(void)
{
	const time_t now = time(NULL);
	struct tm local = { 0 };

	(void)localtime_r(&now, &local);
	return (local.tm_hour * 60 + local.tm_min) * 60 + local.tm_sec;
}

/* Before the orders are confirmed: they explain a move. */
static void find_move(struct device *device, struct outlet *outlet,
	const struct plug_outlet_info *info, bool was_unreachable)
{
	const struct cause_view before = outlet->seen;
	const struct order *running = outlet->orders.running;
	struct cause_clues clues = { .was_unreachable = was_unreachable };
	enum cause cause = CAUSE_NONE;

	clues.is_ours =
		(running && running->was_acknowledged) || outlet->unanswered & 1U << info->is_on;
	outlet->unanswered = 0;
	outlet->seen = cause_view_of(info, task_now_ms(device));
	if (before.is_on == info->is_on && outlet->seen.on_time_s >= before.on_time_s) {
		return;
	}
	clues.second_of_day = second_of_day();
	cause = cause_of(&before, &outlet->seen, &clues);
	if (cause == CAUSE_RESTART) {
		task_plan_clock(device);
	}
	if (cause != CAUSE_NONE) {
		device->host->events->on_moved(device->host->arg, outlet, cause);
	}
}

static void take_outlets(struct device *device, const struct plug_reply *reply,
	const struct plug_sysinfo *info, bool with_energy)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		struct outlet *outlet = &device->outlets[i];
		uint32_t leaves = outlet_take_info(outlet, &info->outlets[i], &device->host->steps);

		if (with_energy) {
			leaves |= task_take_reading(device, reply, outlet);
		}
		leaves |= outlet_take_heartbeat(outlet, task_now_ms(device), &device->host->steps);
		task_changed(device, outlet, leaves);
	}
	if (device->whole) {
		task_changed(device, device->whole, outlet_take_kind(device->whole));
	}
}

static bool wants_statistics(const struct device *device)
{
	const struct energy_time time = task_energy_time();
	bool is_wanted = task_now_ms(device) >= device->anchor_day_ms;
	bool is_useful = true;

	for (size_t i = 0; i < device->outlet_count; i++) {
		const struct energy_account *account = &device->outlets[i].energy;

		is_wanted = is_wanted || energy_wants_statistics(account);
		is_useful = is_useful &&
			    energy_can_take_statistics(&device->host->energy, account, &time);
	}
	return is_wanted && is_useful;
}

static void plan_statistics(struct device *device)
{
	const uint64_t now = task_now_ms(device);
	bool is_known = true;

	if (now < device->next_day_ms || !wants_statistics(device)) {
		return;
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		device->outlets[i].wants_day = true;
		is_known = is_known && energy_knows_statistics(&device->outlets[i].energy);
	}
	device->wants_date = true;
	device->next_day_ms = now + DAY_STATISTICS_MIN_MS;
	device->anchor_day_ms = now + (is_known ? DAY_STATISTICS_MS : DAY_STATISTICS_RETRY_MS);
}

/* What a good read makes due. */
static void plan_energy(struct device *device, bool was_known)
{
	const uint64_t now = task_now_ms(device);
	const bool is_sweep = device->is_strip && (!was_known || now >= device->next_sweep_ms);

	if (!device->has_energy) {
		return;
	}
	/* Energy is asked only of a device that has told its features. */
	device->wants_read = device->wants_read || (!was_known && !device->is_strip);
	for (size_t i = 0; i < device->outlet_count; i++) {
		device->outlets[i].wants_energy |= is_sweep;
	}
	device->next_sweep_ms = is_sweep ? now + SWEEP_MIN_MS : device->next_sweep_ms;
	/* The statistics are compared with a reading, so that comes first. */
	if (was_known || device->is_strip) {
		plan_statistics(device);
	}
}

static void on_good_read(
	struct device *device, const struct plug_reply *reply, const struct plug_sysinfo *info)
{
	const bool was_known = device->is_known;
	const bool was_unreachable = device->misses > 0;

	device->host->counters.reads++;
	device->misses = 0;
	device->retry_at_ms = 0;
	device->is_known = true;
	device->reads_alone = false;
	take_box(device, info);
	for (size_t i = 0; i < device->outlet_count; i++) {
		find_move(device, &device->outlets[i], &info->outlets[i], was_unreachable);
	}
	take_outlets(device, reply, info, was_known && device->has_energy && !device->is_strip);
	device_set_back(device);
	device_set_online(device);
	plan_energy(device, was_known);
	if (!was_known) {
		task_plan_known(device);
	}
	if (!was_known || was_unreachable) {
		task_plan_clock(device);
	}
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
	find_doubt(device, &info, words);
	if (words[0] != '\0') {
		device_miss(device, words);
		device_set_offline(device, words);
		if (info.has_mac) {
			device_note_stranger(device, info.mac);
		}
		return;
	}
	find_obstacle(device, &info, words);
	if (words[0] != '\0') {
		device_refuse(device, words);
		return;
	}
	device_pin(device, info.mac);
	on_good_read(device, reply, &info);
}

const struct device_task task_read = {
	.name = "read",
	.is_wanted = wants_read,
	.write = write_read,
	.on_reply = on_read_reply,
	.on_failure = on_read_failure,
	.may_repeat = true,
};
