/* writer.h - the messages of a subject's steps, written when they are sent. Pure. */
#ifndef PLUG_BRIDGE_HOMEASSISTANT_WRITER_H
#define PLUG_BRIDGE_HOMEASSISTANT_WRITER_H

#include "bridge/homeassistant/subject.h"
#include "bridge/mqtt/homeassistant.h"
#include "bridge/mqtt/publisher.h"

struct writer {
	struct homeassistant_place place; /* borrowed */
	enum record_form form;		  /* that is configured */
	char payload[HOMEASSISTANT_PAYLOAD_MAX_BYTES];
};

/* Of everything that a configuration says of the device; never 0. */
uint32_t writer_hash(struct writer *writer, const struct homeassistant_device *description);

/* Fills topic and payload of the message at the subject's cursor. The payload is borrowed until
 * the next call. */
void writer_write(struct writer *writer, const struct subject *subject,
	const struct homeassistant_device *description,
	struct publisher_announcement *announcement);

#endif
