/* mqtt_fake.h - a broker of a few hundred bytes, for answers that a real one gives too rarely to
 * wait for. MQTT 5, one client at a time. */
#ifndef PLUG_TESTS_UNIT_MQTT_FAKE_H
#define PLUG_TESTS_UNIT_MQTT_FAKE_H

#include "tests/unit/mqtt_rig.h"

struct fake {
	/* Set these before fake_start. */
	uint8_t connack_code;
	const char *connack_properties; /* bytes of the property list, may hold NULs */
	size_t connack_properties_size;
	uint8_t suback_code; /* reason codes; a real one grants 0 to 2 */
	bool has_suback;     /* false: a SUBSCRIBE is never answered */
	bool has_puback;     /* false: until fake_acknowledge */

	/* What came. */
	unsigned connects, publishes, disconnects;

	struct rig *rig;
	uv_tcp_t listener, peer;
	bool is_peer_open;
	int open_handles;
	uint8_t bytes[64 * 1024];
	size_t size;
	uint8_t ids[64][2]; /* publishes without PUBACK so far */
	size_t id_count;
};

/* Listens on rig->broker.port. */
void fake_start(struct fake *fake, struct rig *rig);
void fake_stop(struct fake *fake);
/* Sends raw bytes to the client. */
void fake_send(struct fake *fake, const void *bytes, size_t size);
/* Sends a PUBACK for everything that has none. */
void fake_acknowledge(struct fake *fake);
/* Sends a QoS 0 PUBLISH; the topic may hold NULs. */
void fake_publish(struct fake *fake, const char *topic, size_t topic_size);
/* Ends the connection without a word. */
void fake_hang_up(struct fake *fake);

#endif
