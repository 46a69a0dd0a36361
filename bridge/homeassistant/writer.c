#include "bridge/homeassistant/writer.h"

#include <string.h>

/* Fowler, Noll and Vo's hash, 1a. */
static uint32_t hash_more(uint32_t hash, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		hash = (hash ^ (unsigned char)bytes[i]) * 16777619U;
	}
	return hash;
}

uint32_t writer_hash(struct writer *writer, const struct homeassistant_device *description)
{
	uint32_t hash = 2166136261U;
	size_t size = 0;

	if (writer->form == RECORD_DEVICE) {
		size = homeassistant_device_payload(&writer->place, description, writer->payload);
		hash = hash_more(hash, writer->payload, size);
	}
	for (int i = 0; i < HOMEASSISTANT_COMPONENT_COUNT; i++) {
		if (writer->form == RECORD_COMPONENTS && description->components & 1U << i) {
			size = homeassistant_component_payload(&writer->place, description,
				(enum homeassistant_component)i, writer->payload);
			hash = hash_more(hash, writer->payload, size);
		}
	}
	return hash != 0 ? hash : 1;
}

static const char *config_payload(struct writer *writer,
	const struct homeassistant_device *description, const struct subject_message *message)
{
	const enum homeassistant_component component =
		(enum homeassistant_component)message->component;

	if (message->form == RECORD_DEVICE) {
		(void)homeassistant_device_payload(&writer->place, description, writer->payload);
	} else if (description->components & 1U << component) {
		(void)homeassistant_component_payload(
			&writer->place, description, component, writer->payload);
	} else {
		return "";
	}
	return writer->payload;
}

void writer_write(struct writer *writer, const struct subject *subject,
	const struct homeassistant_device *description, struct publisher_announcement *announcement)
{
	const struct subject_message message =
		subject_message(subject, writer->form, description->components);

	if (message.form == RECORD_DEVICE) {
		(void)homeassistant_device_topic(
			writer->place.prefix, description->id, announcement->topic);
	} else {
		(void)homeassistant_component_topic(writer->place.prefix, description->id,
			(enum homeassistant_component)message.component, announcement->topic);
	}
	announcement->payload = "";
	if (subject->step == SUBJECT_MIGRATE) {
		announcement->payload = homeassistant_migration;
	} else if (subject->step == SUBJECT_CONFIG) {
		announcement->payload = config_payload(writer, description, &message);
	}
	announcement->payload_size = strlen(announcement->payload);
}
