/* subject.h - one device as Home Assistant counts them: the bridge, a plug, a strip, or one outlet
 * of a strip; and how far its announcement has come.
 *
 *     IDLE -> CONFIG -> IDLE                         as a rule
 *     IDLE -> MIGRATE .. CONFIG .. CLEAR -> IDLE     when the other form is at the broker
 *
 * The dots are pauses: Home Assistant takes a form apart and builds it up again in its own time,
 * and drops components whose turn comes too early.
 * Pure but for what it reads of the device; time is an argument. */
#ifndef PLUG_BRIDGE_HOMEASSISTANT_SUBJECT_H
#define PLUG_BRIDGE_HOMEASSISTANT_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/device.h"
#include "bridge/homeassistant/record.h"

enum subject_step { SUBJECT_IDLE, SUBJECT_MIGRATE, SUBJECT_CONFIG, SUBJECT_CLEAR };

enum { SUBJECT_PAUSE_MS = 1000 };

/* 40 bytes: there may be ten thousand. */
struct subject {
	const struct device *device; /* NULL: the bridge */
	uint64_t pause_until_ms;     /* nothing is sent before; 0 for no pause */
	uint32_t hash;		     /* of what is at the broker; 0 for not known */
	uint32_t next_hash;	     /* of what is being sent */
	uint16_t announced;	     /* components at the broker, in the form that is configured */
	uint16_t old;		     /* and in the other form */
	uint8_t outlet;		     /* of a strip, from 1; 0: the device as a whole */
	uint8_t step;
	uint8_t cursor; /* the message of this step that is sent next */
	uint8_t in_flight;
	bool is_identified; /* announced and old were looked up */
	bool is_forced;	    /* sent even when the broker has it */
	bool is_again;	    /* changed while it was being sent */
};

/* Texts that a description needs to live in. */
struct subject_texts {
	char id[HOMEASSISTANT_ID_BYTES];
	char via[HOMEASSISTANT_ID_BYTES];
	char label[HOMEASSISTANT_ID_BYTES]; /* of the bridge */
};

/* Writes the id; false while the device's MAC is not known. */
bool subject_id(const struct subject *subject, const char *bridge_id,
	char id[static HOMEASSISTANT_ID_BYTES]);

/* Fills everything but gone, with texts borrowed from the device and from texts; false while the
 * device has not told what it is. */
bool subject_describe(const struct subject *subject, const char *bridge_id,
	struct homeassistant_device *description, struct subject_texts *texts);

/* Wants to be announced; forced or only when it changed. */
void subject_begin(struct subject *subject, bool is_forced);
/* From the start, after a connection is lost. */
void subject_restart(struct subject *subject);
/* A message of this step waits to be sent. */
bool subject_is_due(const struct subject *subject);

/* One message of a step: the whole device in one, or each component in its own. */
struct subject_message {
	enum record_form form;
	uint32_t components; /* of all messages of the step */
	uint8_t component;   /* of this one, in the form of components */
};

/* The message at the cursor, of a subject that is due.
 *   components   what the device has now */
struct subject_message subject_message(
	const struct subject *subject, enum record_form configured, uint32_t components);

/* It was sent: on to the next. */
void subject_sent(struct subject *subject, const struct subject_message *message);
/* A message has landed; true when the step is done. What is lost starts it again. */
bool subject_landed(struct subject *subject, bool is_lost);

#endif
