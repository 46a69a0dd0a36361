/* announcer.h - tells Home Assistant of the bridge and its devices, and takes back what it told.
 *
 * What is to be said is written when it is sent, through the publisher's announcements; of each
 * device only a hash is kept. The store knows what the broker keeps (record.h): what left the
 * configuration is cleared, and what is there in the other form is migrated. A device is announced
 * when its MAC and its kind are known; until then what an earlier run said stays. */
#ifndef PLUG_BRIDGE_HOMEASSISTANT_ANNOUNCER_H
#define PLUG_BRIDGE_HOMEASSISTANT_ANNOUNCER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "bridge/device.h"
#include "bridge/mqtt/mqtt.h"
#include "bridge/mqtt/publisher.h"
#include "bridge/store.h"
#include "config/config.h"

/* What it works with, borrowed for its life. */
struct announcer_host {
	uv_loop_t *loop;
	struct publisher *publisher;
	struct store *store;
	const struct topics *topics;
	const char *version;
	/* Home Assistant has started: it wants every state again. */
	void (*on_started)(void *arg);
	void *arg;
};

struct announcer;

struct announcer *announcer_new(const struct announcer_host *host);

/* Takes the form, the prefix and the devices of a configuration, in which every device has its
 * place: borrowed until the next call. Clears what is no longer there. */
void announcer_configure(struct announcer *announcer, const struct config_homeassistant *config,
	struct device *const *devices, size_t device_count);

/* The device told who it is, or may have changed. */
void announcer_look(struct announcer *announcer, const struct device *device);
/* Everything again: the broker is new, or Home Assistant. */
void announcer_repeat(struct announcer *announcer);
/* True when the message is Home Assistant's status. */
bool announcer_take_status(struct announcer *announcer, const struct mqtt_message *message);

/* For struct publisher_events. */
enum publisher_found announcer_find(
	struct announcer *announcer, struct publisher_announcement *announcement);
void announcer_on_announced(struct announcer *announcer, uint64_t key, enum publisher_fate fate);

/* The devices are about to go. */
void announcer_forget_devices(struct announcer *announcer);
/* Frees everything on a later turn of the loop; NULL is allowed. */
void announcer_close(struct announcer *announcer);

#endif
