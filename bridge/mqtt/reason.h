/* reason.h - why a connection failed or ended, in words. Pure. */
#ifndef PLUG_BRIDGE_MQTT_REASON_H
#define PLUG_BRIDGE_MQTT_REASON_H

#include "bridge/mqtt/mqtt.h"

#include <stdbool.h>
#include <stddef.h>

/* A reason code of MQTT 5 (128 and more) or a return code of a 3.1.1 CONNACK (1 to 5): words for
 * it, and MQTT_REASON_REFUSED when a person has to do something about it. */
const char *reason_words(int code);
enum mqtt_reason reason_of(int code);

/* A failed attempt as Paho tells it. */
struct reason_failure {
	const char *where; /* host:port */
	bool is_tls;
	int code;	       /* above 0: the broker's answer */
	const char *tls_error; /* a line of OpenSSL's error queue, "" for none */
	const char *message;   /* Paho's own, "" for none */
};

/* Writes a sentence to text; the same for the same failure. */
enum mqtt_reason reason_explain(const struct reason_failure *failure, char *text, size_t size);

#endif
