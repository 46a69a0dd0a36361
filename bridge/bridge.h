/* bridge.h - READ FIRST. Joins the broker and the devices; the two flows start in bridge.c.
 *
 *     set   mqtt -> on_message -> topics_parse -> command_parse -> order_admit -> device_kick
 *           -> task_pick -> plug_request_switch -> plug_line_ask -> the wire
 *     poll  device timer -> plug_line_ask -> plug_reply_sysinfo -> outlet_take_info -> on_outlet
 *           -> publisher_mark -> publisher_pump -> topics_payload -> mqtt_publish
 *
 * Everything runs on one loop thread. */
#ifndef PLUG_BRIDGE_BRIDGE_H
#define PLUG_BRIDGE_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "bridge/device.h"
#include "bridge/energy/file.h"
#include "bridge/homeassistant/announcer.h"
#include "bridge/known.h"
#include "bridge/mqtt/mqtt.h"
#include "bridge/mqtt/publisher.h"
#include "bridge/mqtt/topics.h"
#include "bridge/outlet.h"
#include "bridge/recall.h"
#include "bridge/search/finder.h"
#include "bridge/store.h"
#include "bridge/time/timekeeper.h"
#include "config/config.h"

struct bridge_counters {
	uint64_t commands; /* set and get for outlets of ours */
	uint64_t results[ORDER_STATUS_COUNT];
	uint64_t unknown_names; /* another bridge may own them */
	uint64_t ignored;	/* empty payloads, retained gets */
};

struct bridge {
	uv_loop_t loop;
	const char *config_file;
	struct config *config;
	struct device_host host;
	struct device **devices;
	size_t device_count;
	struct outlet **outlets; /* of all devices, sorted by name */
	size_t outlet_count;
	struct topics topics;
	struct mqtt *mqtt;
	struct publisher *publisher;
	struct announcer *announcer;
	struct store *store;
	struct energy_file *energy_file;
	struct recall recall;
	struct known *known;
	struct replacement *replacement; /* NULL: none is under way */
	struct finder *finder;
	struct timekeeper timekeeper;
	struct bridge_counters counters;
	char *refused_topic; /* the last the broker refused; NULL for none */
	uint64_t slices;

	/* daemon.c */
	uv_signal_t signals[3];
	uv_timer_t tick;       /* once a second: loop lag, heartbeat of the documents */
	uv_timer_t stop_timer; /* bounds the last publishes */
	uint64_t tick_ns;      /* when the tick is due */
	uint64_t lag_ms;       /* worst since the last heartbeat */
	uint64_t lag_shown_ms;
	uint64_t heartbeat_at_ms;
	uint64_t settle_at_ms; /* when the memory of a start or reload is given back; 0 for never */
	uint64_t started_ms;
	int64_t started_wall_ms;
	bool is_stopping;
	bool is_restarting;    /* stops to be started again by main */
	char *outer_zone;      /* TZ as it was at the start; NULL for none */
	bool is_mqtt_stopping; /* the last message is on its way */
};

enum bridge_end { BRIDGE_STOPPED, BRIDGE_FAILED, BRIDGE_RESTART };

/* Loads the configuration and runs until SIGINT, SIGTERM or a request to restart. */
enum bridge_end bridge_run(const char *config_file);

/* The rest is for the files of this folder. */

extern const struct device_events bridge_device_events;
extern const struct mqtt_events bridge_mqtt_events;
extern const struct publisher_events bridge_publisher_events;

/* Milliseconds since 1970. */
int64_t bridge_wall_ms(void);

/* daemon.c: gives up the connection to the broker, after a last "offline", and opens the one that
 * is configured now. */
void bridge_reconnect(struct bridge *bridge);
/* daemon.c: stops in order, to be started again. */
void bridge_restart(struct bridge *bridge);
/* daemon.c: goes on with a stop when nothing waits to be published any more. */
void bridge_continue_stop(struct bridge *bridge);

/* reload.c: brings the devices in line with bridge->config. */
void bridge_apply_devices(struct bridge *bridge);
/* reload.c: remembers the MAC that was learned of a device. */
void bridge_store_pin(struct bridge *bridge, const struct device *device);
/* reload.c: remembers where it was found, or that it is at its host again. */
void bridge_store_address(struct bridge *bridge, const struct device *device);
/* reload.c: gives the outlets of a device whose MAC is known their counters. */
void bridge_claim_energy(struct bridge *bridge, struct device *device);
/* reload.c: reads the file again and applies the difference, or keeps what runs and gives why
 * (caller frees); NULL when all is well. */
char *bridge_reload(struct bridge *bridge);
/* reload.c: what keeps the file from being used by a new start, in words (caller frees); NULL for
 * nothing. */
char *bridge_check(const struct bridge *bridge);
/* reload.c: closes every device; their orders end as failed. */
void bridge_close_devices(struct bridge *bridge, const char *why);
void bridge_log_problems(const struct config_problems *problems);

/* NULL when the configuration names no such outlet. */
struct outlet *bridge_find_outlet(const struct bridge *bridge, const char *name);

/* Who has this MAC, configured or learned; NULL for nobody. Looks at every device. */
struct device *bridge_find_mac(const struct bridge *bridge, const uint8_t *mac);

/* bridge.c: every document and every leaf, in their own time. */
void bridge_publish_everything(void *arg);

/* documents.c: the JSON of a document (caller frees). */
char *bridge_format_document(void *arg, enum document document);

#endif
