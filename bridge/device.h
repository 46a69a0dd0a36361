/* device.h - one box with an address: its connection, its polling, its outlets.
 *
 * One request at a time. Whenever the line is free, device_next picks what matters most from the
 * table in tasks/tasks.c: an order, then a read, then energy, then the clock and the day's
 * statistics. No command goes to a device whose MAC was not checked: on this very connection, or,
 * for plugs that close after each reply, by the read before. A read that fails is a miss; after two
 * in a row the device is offline and tried again after 1 to 60 s (2 s while an order waits). */
#ifndef PLUG_BRIDGE_DEVICE_H
#define PLUG_BRIDGE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "bridge/outlet.h"
#include "config/config.h"
#include "protocol/discovery.h"
#include "protocol/io/exchange.h"
#include "protocol/mac.h"
#include "protocol/reply.h"
#include "protocol/statistics.h"

struct plug_snapshot;

struct device_events {
	/* The outlet has something to publish: bits of enum leaf. */
	void (*on_outlet)(void *arg, struct outlet *outlet, uint32_t leaves);
	/* The order ended; takes it. error in words or NULL, borrowed. */
	void (*on_result)(void *arg, struct outlet *outlet, struct order *order,
		enum order_status status, const char *error);
	/* The relay had moved when it was read; the order that did it is still in the book. */
	void (*on_moved)(void *arg, struct outlet *outlet, enum cause cause);
	/* The device came or went; box.reason says why. */
	void (*on_availability)(void *arg, struct device *device);
	/* A device without a MAC is about to learn this one: who else has it, configured or
	 * learned; NULL for nobody. */
	const struct device *(*find_owner)(void *arg, const uint8_t *mac);
	/* A device without a configured MAC told it for the first time. */
	void (*on_pin)(void *arg, struct device *device);
	/* It has no address, or did not answer at the one it has, or another answered there;
	 * called once until on_back. device_move helps it. */
	void (*on_lost)(void *arg, struct device *device);
	/* It answers again. */
	void (*on_back)(void *arg, struct device *device);
	/* Another device, not told of before, answers at its address. */
	void (*on_stranger)(void *arg, struct device *device, const uint8_t *mac);
	/* It was read whole, as for a device that replaces it. snapshot is borrowed. */
	void (*on_known)(void *arg, struct device *device, const struct plug_snapshot *snapshot);
	/* A request was written or an answer handled: a chance to look after other work. */
	void (*on_slice)(void *arg);
};

struct device_counters {
	uint64_t reads, misses, energy_errors, switches;
	uint64_t clocks_compared, clocks_set;
	uint64_t online; /* devices online now */
};

/* What the devices' clocks are held to. */
struct clock_rule {
	bool is_on;	   /* they are to be set, and our own is right */
	int zone;	   /* the vendor's number */
	uint64_t since_ms; /* loop time: local time has changed, each is compared once after this */
};

/* Shared by all devices. */
struct device_host {
	struct plug_transport transport;
	uint64_t timeout_ms;
	struct outlet_steps steps;
	struct clock_rule clock;
	const struct device_events *events;
	void *arg;
	struct device_counters counters;
	struct energy_host energy;
	uint32_t jitter;	/* state of the back-off's random numbers */
	uint64_t known_next_ms; /* before which no other device is read whole */
};

struct device_task;
struct device_clock;
struct device_known;

struct device {
	struct device_host *host;
	char *name;
	char *configured_host; /* "" for none */
	char *alias;	       /* to be found by while its MAC is not known; NULL for none */
	char *found;	       /* where it was found since; NULL: at its host */
	const char *address;   /* the one of the two that is asked */
	uint16_t port;
	bool has_mac; /* configured, or learned at first contact */
	bool is_mac_configured;
	uint8_t mac[PLUG_MAC_BYTES];
	bool is_strip; /* outlets were named in the configuration */
	uint64_t poll_ms;
	char *label, *room; /* of a strip as a whole; NULL for others */
	char *ha_id;	    /* what Home Assistant knows it by; NULL for its MAC */
	struct outlet_box box;
	struct outlet *outlets;
	struct outlet *whole; /* a strip's sums, under the device's name; NULL for others */
	size_t outlet_count;
	size_t next_outlet; /* where the search for the next order starts */

	enum plug_family family;   /* of the last good read */
	enum plug_dialect dialect; /* what it speaks, as far as it is known */
	bool has_energy;
	bool is_known;	   /* read since it was last offline, so that energy may be asked */
	bool asked_energy; /* with the last read */
	bool reads_alone;  /* the next read is without energy */
	bool is_verified;  /* the last read showed our MAC, and nothing odd happened since */
	uint64_t verified_connection;
	uint64_t verified_ms;

	unsigned misses;	/* failed reads in a row */
	unsigned switch_misses; /* failed switch requests in a row */
	uint64_t failed_ms;	/* when the last read failed */
	uint64_t retry_at_ms;	/* nothing is asked before; 0 for no wait */
	uint64_t switch_at_ms;	/* no order is sent before */
	uint64_t started_ms;
	uint64_t phase_ms; /* where in the interval its polls lie */
	uint64_t next_poll_ms;
	uint64_t next_sweep_ms; /* a strip's energy */
	uint64_t next_day_ms;	/* its day statistics, not before */
	uint64_t anchor_day_ms; /* and then even when nothing is missing */
	bool wants_read;
	bool wants_date;
	struct plug_time date; /* the device's own, when wants_date is false */
	struct plug_period asked_month;

	struct device_clock *clock;	/* the task's own; NULL while clocks are not set */
	struct device_known *known;	/* it is being read whole; NULL otherwise */
	uint64_t known_at_ms;		/* when it is to be, or goes on; 0 before it has come */
	uint64_t known_read_ms;		/* when it was; 0 for never */
	const struct device_task *task; /* under way, NULL for none */
	struct outlet *target;		/* of the task, NULL for the device itself */
	struct plug_line line;
	uv_timer_t wake;
	uint64_t wake_at_ms;
	TAILQ_ENTRY(device) sought_link; /* the finder's */
	bool is_sought;			 /* the finder's */
	uint8_t probes;			 /* the prober's: addresses that are being asked for it */
	bool is_lost;			 /* from on_lost to on_back */
	bool is_moving;			 /* inside device_move: what ends now is no miss */
	bool has_stranger;
	uint8_t stranger[PLUG_MAC_BYTES]; /* who answered instead, last */
	bool is_closing;
	bool is_kept; /* mark of a reload: goes on as it is */
	uint8_t open_handles;
	void (*on_closed)(void *arg);
};

/* Sets up the host's transport and its random numbers. */
void device_host_init(struct device_host *host, uv_loop_t *loop);

/* Copies what it needs of config. Starts asking after first_ms; its later polls lie at phase_ms in
 * the interval. Free with device_close. */
struct device *device_new(
	struct device_host *host, const struct config_device *config, const uint8_t *learned_mac);
void device_start(struct device *device, uint64_t first_ms, uint64_t phase_ms);
/* Takes its names for people and for Home Assistant; those of its outlets are theirs. */
void device_rename(struct device *device, const struct config_device *config);

/* Where it is from now on, for its host does not lead there: its line moves with all that waits for
 * it, and it is asked at once, for its MAC first. Before device_start it only sets the address. */
void device_move(struct device *device, const char *address);

/* What is known of an address that does not answer on the device's port: why, for its owner. Until
 * it answers. */
void device_set_dialect(struct device *device, enum plug_dialect dialect);

/* Its MAC from now on; nothing when it has one. */
void device_pin(struct device *device, const uint8_t mac[static PLUG_MAC_BYTES]);

/* Ends the wait for the next try. */
void device_hurry(struct device *device);

/* What is left to do after an order was put into an outlet's book: brings it on its way. */
void device_kick(struct device *device);

/* True when the device has said what it is, and it is neither dimmer nor bulb. */
bool device_cannot_dim(const struct device *device);

/* True when the outlet's state is what the device answered lately. */
bool device_knows_state(const struct device *device, const struct outlet *outlet);

/* Ends every order as failed with why, closes the connection and frees the device on a later turn
 * of the loop; then calls on_closed(host->arg), which may be NULL. */
void device_close(struct device *device, const char *why, void (*on_closed)(void *arg));

/* For the tasks. */
void device_set_offline(struct device *device, const char *reason);
void device_set_online(struct device *device);
void device_end_order(
	struct outlet *outlet, struct order *order, enum order_status status, const char *error);
void device_miss(struct device *device, const char *reason);
/* It is there, and cannot be used: it is offline and tried again like after a miss, but nobody has
 * to search for it. */
void device_refuse(struct device *device, const char *reason);
/* It answers: nobody has to search for it. */
void device_set_back(struct device *device);
/* Another MAC answered. */
void device_note_stranger(struct device *device, const uint8_t mac[static PLUG_MAC_BYTES]);

#endif
