#include "bridge/outlet.h"

#include "bridge/mem.h"

#include <stdlib.h>
#include <string.h>

enum {
	POWER_FACTOR_STEP_THOUSANDTHS = 10,
	/* Below, the current is a few of the meter's smallest steps. */
	APPARENT_POWER_MIN_MVA = 2000,
	/* What two roundings and a moment between two samples make of a factor of 1. */
	POWER_FACTOR_MAX_THOUSANDTHS = 1050,
};

void outlet_init(struct outlet *outlet, const char *name, const struct outlet_box *box)
{
	*outlet = (struct outlet) { .name = mem_copy(name), .box = box };
	outlet->label = mem_copy(name);
	outlet->room = mem_copy("");
}

uint32_t outlet_rename(struct outlet *outlet, const char *label, const char *room)
{
	const bool has_new_label = mem_replace(&outlet->label, label);
	const bool has_new_room = mem_replace(&outlet->room, room);

	return has_new_label || has_new_room ? 1U << LEAF_JSON : LEAVES_NONE;
}

void outlet_clear(struct outlet *outlet)
{
	order_book_clear(&outlet->orders);
	history_free(outlet->history);
	free(outlet->name);
	free(outlet->label);
	free(outlet->room);
	free(outlet->alias);
	free(outlet->child_id);
}

uint32_t outlet_take_state(struct outlet *outlet, bool is_on)
{
	const bool is_new = !outlet->has_state || outlet->is_on != is_on;

	outlet->has_state = true;
	outlet->is_on = is_on;
	return is_new ? 1U << LEAF_STATE | 1U << LEAF_JSON : LEAVES_NONE;
}

/* One quantity before and after: true when it is worth a message. */
static bool is_step(bool had, int64_t before, bool has, int64_t after, int64_t step)
{
	const int64_t change = after > before ? after - before : before - after;

	return has && (!had || (change != 0 && change >= step));
}

/* The leaves whose value moved by its step since it was last published. */
static uint32_t moved(const struct outlet *outlet, const struct outlet_steps *steps)
{
	const struct outlet_readings *now = &outlet->now;
	const struct outlet_readings *old = &outlet->published;
	const struct {
		enum leaf leaf;
		bool had, has;
		int64_t before, after, step;
	} rows[] = {
		{ LEAF_POWER, old->has_power, now->has_power, old->power_mw, now->power_mw,
			steps->power_mw },
		{ LEAF_VOLTAGE, old->has_voltage, now->has_voltage, old->voltage_mv,
			now->voltage_mv, steps->voltage_mv },
		{ LEAF_CURRENT, old->has_current, now->has_current, old->current_ma,
			now->current_ma, steps->current_ma },
		{ LEAF_APPARENT_POWER, old->has_apparent_power, now->has_apparent_power,
			old->apparent_power_mva, now->apparent_power_mva, steps->power_mw },
		{ LEAF_POWER_FACTOR, old->has_power_factor, now->has_power_factor,
			old->power_factor_thousandths, now->power_factor_thousandths,
			POWER_FACTOR_STEP_THOUSANDTHS },
		{ LEAF_ENERGY, old->has_energy, now->has_energy, old->energy_wh, now->energy_wh,
			steps->energy_wh },
		{ LEAF_ENERGY_TODAY, old->has_energy_today, now->has_energy_today,
			old->energy_today_wh, now->energy_today_wh, steps->energy_wh },
		{ LEAF_RSSI, old->has_rssi, now->has_rssi, old->rssi_dbm, now->rssi_dbm,
			steps->rssi_db },
	};
	uint32_t leaves = LEAVES_NONE;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (is_step(rows[i].had, rows[i].before, rows[i].has, rows[i].after,
			    rows[i].step)) {
			leaves |= 1U << rows[i].leaf | 1U << LEAF_JSON;
		}
	}
	return leaves;
}

/* A leaf has a value, or none: then it is to be cleared, once. */
static uint32_t note(struct outlet *outlet, enum leaf leaf, bool has)
{
	const uint32_t bit = 1U << leaf;

	if (has) {
		outlet->lacking &= ~bit;
		return LEAVES_NONE;
	}
	outlet->lacking |= bit;
	return bit & ~outlet->cleared;
}

/* A counter that is not there may not be known yet: it goes when it was shown. */
static uint32_t note_counter(struct outlet *outlet, enum leaf leaf, bool had, bool has)
{
	return had || has ? note(outlet, leaf, has) : LEAVES_NONE;
}

/* A quantity that came or went shows in json, even when its number is the one published last. */
static uint32_t came_or_went(const struct outlet_readings *old, const struct outlet_readings *now)
{
	const bool is_same =
		old->has_power == now->has_power && old->has_voltage == now->has_voltage &&
		old->has_current == now->has_current &&
		old->has_power_factor == now->has_power_factor &&
		old->has_energy == now->has_energy &&
		old->has_energy_today == now->has_energy_today && old->has_rssi == now->has_rssi;

	return is_same ? LEAVES_NONE : 1U << LEAF_JSON;
}

uint32_t outlet_take_kind(struct outlet *outlet)
{
	if (outlet->box->has_meter) {
		return LEAVES_NONE;
	}
	outlet->lacking |= LEAVES_METER;
	return LEAVES_METER & ~outlet->cleared;
}

uint32_t outlet_take_info(struct outlet *outlet, const struct plug_outlet_info *info,
	const struct outlet_steps *steps)
{
	const struct outlet_readings old = outlet->now;
	uint32_t leaves = outlet_take_state(outlet, info->is_on);

	if (mem_replace_start(&outlet->alias, info->alias, OUTLET_DEVICE_TEXT_MAX_BYTES)) {
		leaves |= 1U << LEAF_JSON;
	}
	if (info->child_id[0] != '\0') {
		(void)mem_replace(&outlet->child_id, info->child_id);
	}
	if (outlet->brightness != outlet->box->brightness) {
		outlet->brightness = outlet->box->brightness;
		leaves |= 1U << LEAF_BRIGHTNESS | 1U << LEAF_JSON;
	}
	outlet->now.has_rssi = outlet->box->has_rssi;
	outlet->now.rssi_dbm = outlet->box->rssi_dbm;
	leaves |= note(outlet, LEAF_BRIGHTNESS, outlet->brightness > 0);
	leaves |= note(outlet, LEAF_RSSI, outlet->now.has_rssi);
	leaves |= outlet_take_kind(outlet);
	return leaves | moved(outlet, steps) | came_or_went(&old, &outlet->now);
}

/* No mains has it: a US device on 240 V shows 172 V beside a power that is right. */
static bool is_mains(int32_t voltage_mv)
{
	return (voltage_mv >= 85000 && voltage_mv <= 145000) ||
	       (voltage_mv >= 185000 && voltage_mv <= 280000);
}

/* Volts times amperes, and what of it is power. Real power is at most that: where it is more, one
 * of the three is wrong. */
static void derive_power(struct outlet_readings *now)
{
	const int64_t mva = (int64_t)now->voltage_mv * now->current_ma / 1000;
	const int64_t factor =
		mva >= APPARENT_POWER_MIN_MVA ? ((int64_t)now->power_mw * 1000 + mva / 2) / mva : 0;

	now->has_apparent_power = now->has_voltage && now->has_current;
	now->apparent_power_mva = now->has_apparent_power ? (int32_t)mva : 0;
	now->has_power_factor = now->has_apparent_power && now->has_power &&
				mva >= APPARENT_POWER_MIN_MVA && is_mains(now->voltage_mv) &&
				factor <= POWER_FACTOR_MAX_THOUSANDTHS;
	now->power_factor_thousandths =
		now->has_power_factor ? (int32_t)(factor < 1000 ? factor : 1000) : 0;
}

static uint32_t note_reading(struct outlet *outlet)
{
	const struct outlet_readings *now = &outlet->now;

	return note(outlet, LEAF_POWER, now->has_power) |
	       note(outlet, LEAF_VOLTAGE, now->has_voltage) |
	       note(outlet, LEAF_CURRENT, now->has_current) |
	       note(outlet, LEAF_APPARENT_POWER, now->has_apparent_power) |
	       note(outlet, LEAF_POWER_FACTOR, now->has_power_factor);
}

uint32_t outlet_take_reading(struct outlet *outlet, const struct plug_realtime *reading,
	const struct outlet_steps *steps)
{
	const struct outlet_readings old = outlet->now;
	struct outlet_readings *now = &outlet->now;

	now->has_power = reading->has_power;
	now->has_voltage = reading->has_voltage;
	now->has_current = reading->has_current;
	now->power_mw = (int32_t)reading->power_mw;
	now->voltage_mv = (int32_t)reading->voltage_mv;
	now->current_ma = (int32_t)reading->current_ma;
	derive_power(now);
	return note_reading(outlet) | moved(outlet, steps) | came_or_went(&old, now);
}

uint32_t outlet_take_energy(
	struct outlet *outlet, const struct energy_told *told, const struct outlet_steps *steps)
{
	const struct outlet_readings old = outlet->now;
	const struct outlet_readings *shown = &outlet->published;
	struct outlet_readings *now = &outlet->now;
	uint32_t leaves = LEAVES_NONE;

	now->has_energy = told->has_energy;
	now->energy_wh = told->energy_wh;
	now->has_energy_today = told->has_today;
	now->energy_today_wh = told->today_wh;
	leaves |= note_counter(outlet, LEAF_ENERGY, shown->has_energy, now->has_energy);
	leaves |= note_counter(
		outlet, LEAF_ENERGY_TODAY, shown->has_energy_today, now->has_energy_today);
	return leaves | moved(outlet, steps) | came_or_went(&old, now);
}

void outlet_forget_readings(struct outlet *outlet)
{
	outlet->now = (struct outlet_readings) {
		.has_energy = outlet->now.has_energy,
		.energy_wh = outlet->now.energy_wh,
	};
	outlet->lacking = LEAVES_NONE;
}

uint32_t outlet_take_heartbeat(
	struct outlet *outlet, uint64_t now_ms, const struct outlet_steps *steps)
{
	if (now_ms < outlet->heartbeat_at_ms) {
		return LEAVES_NONE;
	}
	outlet->heartbeat_at_ms = now_ms + steps->heartbeat_ms;
	return LEAVES_READINGS;
}

void outlet_mark_published(struct outlet *outlet, enum leaf leaf)
{
	struct outlet_readings *old = &outlet->published;
	const struct outlet_readings *now = &outlet->now;

	switch (leaf) {
	case LEAF_POWER:
		old->has_power = now->has_power;
		old->power_mw = now->power_mw;
		break;
	case LEAF_VOLTAGE:
		old->has_voltage = now->has_voltage;
		old->voltage_mv = now->voltage_mv;
		break;
	case LEAF_CURRENT:
		old->has_current = now->has_current;
		old->current_ma = now->current_ma;
		break;
	case LEAF_APPARENT_POWER:
		old->has_apparent_power = now->has_apparent_power;
		old->apparent_power_mva = now->apparent_power_mva;
		break;
	case LEAF_POWER_FACTOR:
		old->has_power_factor = now->has_power_factor;
		old->power_factor_thousandths = now->power_factor_thousandths;
		break;
	case LEAF_ENERGY:
		old->has_energy = now->has_energy;
		old->energy_wh = now->energy_wh;
		break;
	case LEAF_ENERGY_TODAY:
		old->has_energy_today = now->has_energy_today;
		old->energy_today_wh = now->energy_today_wh;
		break;
	case LEAF_RSSI:
		old->has_rssi = now->has_rssi;
		old->rssi_dbm = now->rssi_dbm;
		break;
	default:
		break;
	}
}

bool outlet_is_to_clear(const struct outlet *outlet, enum leaf leaf)
{
	return outlet->box->is_online && outlet->lacking & ~outlet->cleared & 1U << leaf;
}

void outlet_mark_cleared(struct outlet *outlet, enum leaf leaf, bool is_cleared)
{
	if (is_cleared) {
		outlet->cleared |= 1U << leaf;
	} else {
		outlet->cleared &= ~(1U << leaf);
	}
}

struct outlet_readings outlet_current_readings(const struct outlet *outlet)
{
	return outlet->box->is_online ? outlet->now : (struct outlet_readings) { 0 };
}
