/* device.h - the state of one simulated device, and how time and hands change it.
 *
 * Simulation time is milliseconds since 1970 (UTC); a device adds its own offset to make its local
 * time. Nothing here asks a clock: whoever calls brings the time, so a device given the same
 * requests at the same times answers the same.
 * Rule for all changes: sim_device_advance to now first, then the change. */
#ifndef SIM_DEVICE_DEVICE_H
#define SIM_DEVICE_DEVICE_H

#include "tests/sim/device/account.h"
#include "tests/sim/device/firmware.h"
#include "tests/sim/device/meter.h"
#include "tests/sim/device/model.h"
#include "tests/sim/device/rules.h"
#include "tests/sim/device/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIM_MAC_BYTES = 6,
	SIM_ALIAS_MAX_BYTES = 64,
	SIM_METHODS_MAX = 192,
	SIM_BOOT_MS = 3000,
	SIM_SCAN_MS = 500,
	SIM_SPOKEN_MS = 200, /* from the answer to a join or a flash until it is done */
	SIM_POWER_MAX_MW = 10000000,
};

struct sim_outlet {
	char *alias;		 /* NULL: the factory's */
	struct sim_rules *rules; /* NULL until the first */
	struct sim_meter meter;
	struct sim_meter usage; /* its watt hours are minutes on */
	int64_t since_ms;	/* on since then */
	uint32_t power_mw;	/* what hangs on it draws while it is on */
	int32_t vgain, igain;
	bool is_on;
};

enum sim_presence {
	SIM_PRESENT,
	SIM_REBOOTING, /* gone from the network until returns_ms */
	SIM_UNPLUGGED, /* gone until somebody plugs it in; after a factory reset too */
};

struct sim_counters {
	uint64_t bytes_in, bytes_out;
	uint32_t connections;
	uint32_t requests; /* over TCP */
	uint32_t replies;
	uint32_t datagrams;
	uint32_t bad_requests; /* not JSON, no object, too long */
	uint32_t unknown_methods;
	uint32_t relay_moves;
	uint32_t max_in_flight; /* requests that waited for their reply at one moment, over TCP */
	uint32_t faults;	/* times that a fault struck */
	uint32_t methods[SIM_METHODS_MAX]; /* by row of the table in method.h */
};

/* What a touch of a dimmer's button does. */
struct sim_touch {
	const char *mode; /* static */
	int32_t preset;	  /* -1: none */
};

/* Milliseconds, but for the minimum and the rate. */
struct sim_dimming {
	int32_t minimum, fade_on, fade_off, gentle_on, gentle_off, ramp_rate;
	struct sim_touch double_click, long_press;
};

struct sim_device {
	const struct sim_model *model;
	char *alias;		/* NULL: the factory's; of the strip itself on a strip */
	char *id, *hardware_id; /* NULL: made from seed and model */
	char *icon, *icon_hash; /* NULL: "" */
	char *ssid;		/* of the network it is in; NULL: it has its own, to be set up */
	char *next_ssid;	/* it is about to leave for; "" when that will fail */
	struct sim_account account;
	struct sim_firmware firmware;
	struct sim_dimming dimming;
	uint8_t mac[SIM_MAC_BYTES];
	bool has_noise;
	bool has_location;
	bool has_xor;	   /* answers on the old port whatever its firmware */
	bool is_forgetful; /* its total is lost with the power */
	bool is_test_mode;
	bool has_internet; /* else the clock is lost with the power */
	bool is_clock_set;
	bool is_led_off;
	bool is_reset_due;
	bool has_current; /* current_ma is what somebody said */
	uint8_t brightness_percent;
	uint8_t saturation;
	uint8_t zone;	  /* time zone index, only ever handed back */
	uint8_t key_type; /* of ssid */
	uint16_t hue;
	uint16_t kelvin; /* 0: hue and saturation count */
	int16_t rssi_dbm;
	int32_t latitude_udeg, longitude_udeg;
	enum sim_presence presence;
	uint64_t seed;
	int64_t local_offset_ms; /* to the device's local time, right or wrong */
	int64_t true_offset_ms;	 /* to the local time the network would tell it */
	int64_t leaves_ms;	 /* a reboot begins; INT64_MAX: none is due */
	int64_t returns_ms;
	uint32_t boot_ms;
	uint32_t delay_ms; /* before each answer */
	uint32_t scan_ms;  /* that looking for networks takes */
	uint32_t voltage_mv;
	uint32_t current_ma;
	struct sim_counters counters;
	struct sim_outlet outlets[]; /* as many as the model has */
};

struct sim_identity {
	const struct sim_model *model;
	uint8_t mac[SIM_MAC_BYTES];
	const char *alias; /* copied; NULL: the factory's */
	int64_t local_offset_ms;
	bool has_noise;
};

/* One step in simulation time and what changed in it. */
struct sim_step {
	int64_t now_ms;
	uint32_t moved;	   /* bit n: the relay of outlet n moved */
	bool has_presence; /* came to or went from the network */
};

/* Free with sim_device_free. */
struct sim_device *sim_device_new(const struct sim_identity *identity, int64_t now_ms);
void sim_device_free(struct sim_device *device);

/* Lets time pass: energy adds up, countdowns end, reboots begin and end. */
void sim_device_advance(struct sim_device *device, struct sim_step *step);

/* When something will happen by itself, INT64_MAX when nothing. */
int64_t sim_device_due_ms(const struct sim_device *device);

void sim_device_switch(struct sim_device *device, size_t outlet, bool is_on, struct sim_step *step);

/* Leaves the network in delay_ms and comes back boot_ms later; with is_reset as from the factory,
 * and only when it is plugged in again. */
void sim_device_reboot(struct sim_device *device, int64_t now_ms, int64_t delay_ms, bool is_reset);

/* Leaves for another network and comes back boot_ms later: in it, or, when is_known is false, in
 * its own as from the factory. */
void sim_device_join(struct sim_device *device, const char *ssid, bool is_known, int64_t now_ms);

/* Rules, clock or place changed: finds out anew what is to be done next. */
void sim_device_plan(struct sim_device *device, int64_t now_ms);

/* The world as the device sees it. */
struct sim_moment sim_device_moment(const struct sim_device *device, int64_t now_ms);

/* What the device will do with an outlet by itself. False when nothing. */
bool sim_device_next(const struct sim_device *device, size_t outlet, struct sim_next *next);

/* "count_down", "schedule" or "none": what may move the outlet next. */
const char *sim_device_mode(const struct sim_device *device, size_t outlet);

/* Whether it is in a network that leads to the vendor. */
bool sim_device_is_online(const struct sim_device *device);

/* Whether it answers on the port of the Smart Home protocol; newer firmware does not. */
bool sim_device_has_xor(const struct sim_device *device);

/* Pulls the plug out of the wall, or puts it in. */
void sim_device_plug(struct sim_device *device, bool is_plugged, struct sim_step *step);

/* The clock shows local_ms from now on. */
void sim_device_set_clock(struct sim_device *device, int64_t local_ms, int64_t now_ms);

/* As after a power cut without internet: 2000-01-01, and no schedule knows the time. */
void sim_device_lose_clock(struct sim_device *device, int64_t now_ms);

/* As when a time server answered. */
void sim_device_correct_clock(struct sim_device *device, int64_t now_ms);

int64_t sim_device_local_ms(const struct sim_device *device, int64_t now_ms);

/* One reading, in millionths, so that each dialect can round its own way. */
struct sim_reading {
	int64_t voltage_uv, current_ua, power_uw, total_wh;
};

struct sim_reading sim_device_read(const struct sim_device *device, size_t outlet, int64_t now_ms);

/* Seconds since switched on, 0 while off. */
int64_t sim_device_on_time_s(const struct sim_device *device, size_t outlet, int64_t now_ms);

#endif
