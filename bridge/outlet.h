/* outlet.h - one thing that switches: its names, its orders and what the device last answered.
 *
 * Values live here in the device's units, with one dirty bit for each topic that shows them;
 * topic and payload are made when they are sent (mqtt/topics.h). Taking a value returns the bits
 * of the topics that have to be published because of it.
 * Pure: time is an argument, no I/O. */
#ifndef PLUG_BRIDGE_OUTLET_H
#define PLUG_BRIDGE_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "bridge/energy/account.h"
#include "bridge/moves/cause.h"
#include "bridge/moves/history.h"
#include "bridge/order.h"
#include "protocol/reading.h"
#include "protocol/sysinfo.h"

/* The retained topics of an outlet, in the order in which they are published. */
enum leaf {
	LEAF_AVAILABILITY,
	LEAF_STATE,
	LEAF_POWER,
	LEAF_VOLTAGE,
	LEAF_CURRENT,
	LEAF_APPARENT_POWER,
	LEAF_POWER_FACTOR,
	LEAF_ENERGY,
	LEAF_ENERGY_TODAY,
	LEAF_RSSI,
	LEAF_BRIGHTNESS,
	LEAF_JSON,
	LEAF_COUNT,
};

enum {
	LEAVES_NONE = 0,
	LEAVES_ALL = (1U << LEAF_COUNT) - 1,
	LEAVES_READINGS = 1U << LEAF_POWER | 1U << LEAF_VOLTAGE | 1U << LEAF_CURRENT |
			  1U << LEAF_APPARENT_POWER | 1U << LEAF_POWER_FACTOR | 1U << LEAF_ENERGY |
			  1U << LEAF_ENERGY_TODAY | 1U << LEAF_RSSI | 1U << LEAF_BRIGHTNESS |
			  1U << LEAF_JSON,
	LEAVES_COUNTERS = 1U << LEAF_ENERGY | 1U << LEAF_ENERGY_TODAY,
	/* What a device without a meter never has. */
	LEAVES_METER = LEAVES_COUNTERS | 1U << LEAF_POWER | 1U << LEAF_VOLTAGE |
		       1U << LEAF_CURRENT | 1U << LEAF_APPARENT_POWER | 1U << LEAF_POWER_FACTOR,
	/* What others act on: goes out before readings. */
	LEAVES_URGENT = 1U << LEAF_AVAILABILITY | 1U << LEAF_STATE,
	/* What stands for an offline device; the last readings stay as they are. */
	LEAVES_OFFLINE = 1U << LEAF_AVAILABILITY | 1U << LEAF_STATE | 1U << LEAF_JSON,
};

/* Where an outlet waits for the publisher. */
enum outlet_queue { OUTLET_NOT_QUEUED, OUTLET_QUEUED, OUTLET_ALL, OUTLET_URGENT };

/* From which change on a reading is published before its heartbeat. */
struct outlet_steps {
	int64_t power_mw, voltage_mv, current_ma, energy_wh;
	int rssi_db;
	uint64_t heartbeat_ms;
};

struct outlet_readings {
	bool has_power, has_voltage, has_current, has_energy, has_energy_today, has_rssi;
	bool has_apparent_power, has_power_factor;
	int32_t power_mw, voltage_mv, current_ma, rssi_dbm;
	int32_t apparent_power_mva, power_factor_thousandths;
	int64_t energy_wh, energy_today_wh;
};

enum {
	/* Of an alias or a model; devices that behave send 32 at most. */
	OUTLET_DEVICE_TEXT_MAX_BYTES = 64,
};

struct device;

/* What all outlets of one device share. */
struct outlet_box {
	struct device *device;
	bool is_online;
	char *reason; /* why offline, in words; NULL while online */
	char *model;  /* NULL until the first read */
	bool has_rssi;
	bool has_meter;
	int rssi_dbm;
	uint8_t brightness;   /* percent; 0 for what cannot be dimmed */
	int64_t read_wall_ms; /* last good read, wall clock; 0 before the first */
	uint64_t read_ms;     /* the same on the monotonic clock */
};

struct outlet {
	char *name;
	char *label;
	char *room;
	char *alias;	/* the device's own name for it; NULL until the first read */
	char *child_id; /* how a strip calls it; NULL for a device with one outlet */
	const struct outlet_box *box;
	size_t index; /* in its device */

	struct order_book orders;

	struct cause_view seen;	 /* what the last good read showed */
	uint8_t unanswered;	 /* states sent since then without an answer: 1 << is_on */
	struct history *history; /* NULL while nothing happened */

	bool is_strip;	/* no outlet, but all of a strip together */
	bool has_state; /* the device answered at least once */
	bool is_on;
	uint8_t brightness; /* percent, also while it is off; 0 for none */
	bool wants_energy;  /* a strip: its own reading is due */
	bool wants_day;	    /* its energy of today is due */
	struct energy_account energy;
	struct outlet_readings now;
	struct outlet_readings published;
	uint32_t lacking;	  /* leaves of which the device has said that it has no value */
	uint32_t cleared;	  /* those whose topics were cleared since */
	uint64_t heartbeat_at_ms; /* when the readings are published again, changed or not */

	/* The publisher's. */
	uint32_t dirty;
	enum outlet_queue queue;
	TAILQ_ENTRY(outlet) link;
};

/* Copies the names. */
void outlet_init(struct outlet *outlet, const char *name, const struct outlet_box *box);
/* Sets label and room; returns the leaves that show them when they changed. */
uint32_t outlet_rename(struct outlet *outlet, const char *label, const char *room);
/* Frees what the outlet holds; its book must be empty. */
void outlet_clear(struct outlet *outlet);

/* Each takes what the device answered and returns the leaves to publish. */
uint32_t outlet_take_state(struct outlet *outlet, bool is_on);
uint32_t outlet_take_info(struct outlet *outlet, const struct plug_outlet_info *info,
	const struct outlet_steps *steps);
/* What a device without a meter cannot have: what one with a meter left at the broker under this
 * name is to be cleared. Part of outlet_take_info. */
uint32_t outlet_take_kind(struct outlet *outlet);
/* A quantity the reading lacks is gone. The total is not taken here, but by the outlet's account.
 */
uint32_t outlet_take_reading(struct outlet *outlet, const struct plug_realtime *reading,
	const struct outlet_steps *steps);
uint32_t outlet_take_energy(
	struct outlet *outlet, const struct energy_told *told, const struct outlet_steps *steps);
/* The device went offline: when it comes back, what it measured before is old. Its counter stays.
 */
void outlet_forget_readings(struct outlet *outlet);
/* Called after each good read: all readings when the heartbeat is due. */
uint32_t outlet_take_heartbeat(
	struct outlet *outlet, uint64_t now_ms, const struct outlet_steps *steps);

/* A leaf was sent, with a value or cleared: its change is measured from this on. */
void outlet_mark_published(struct outlet *outlet, enum leaf leaf);
/* True when a leaf without a value is to be cleared at the broker; what an offline device measured
 * last stays, and so does what it was not asked for yet. */
bool outlet_is_to_clear(const struct outlet *outlet, enum leaf leaf);
/* It was cleared, or that did not arrive. */
void outlet_mark_cleared(struct outlet *outlet, enum leaf leaf, bool is_cleared);

/* The readings as they are worth now: none while the device is offline. */
struct outlet_readings outlet_current_readings(const struct outlet *outlet);

#endif
