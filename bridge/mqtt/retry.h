/* retry.h - when to try the broker again. Pure: chance is an argument. */
#ifndef PLUG_BRIDGE_MQTT_RETRY_H
#define PLUG_BRIDGE_MQTT_RETRY_H

#include "bridge/mqtt/mqtt.h"

#include <stdint.h>

enum {
	RETRY_FIRST_MS = 250,
	/* With 20 % of jitter and the time a connect takes, a returned broker is found within 2 s.
	 */
	RETRY_MAX_MS = 1200,
	/* What a person has to put right: a login, a certificate. */
	RETRY_REFUSED_MS = 30000,
	/* A connection that held less than this was none: two clients with one id throw each other
	 * out at every connect. */
	RETRY_SETTLED_MS = 10000,
};

struct retry {
	uint64_t delay_ms; /* the last one, 0 before the first */
};

/* The delay before the next attempt; chance is any number. */
uint64_t retry_next_ms(struct retry *retry, enum mqtt_reason reason, uint32_t chance);

/* A connection ended that held for held_ms. */
void retry_held(struct retry *retry, uint64_t held_ms);

#endif
