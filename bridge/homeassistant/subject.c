#include "bridge/homeassistant/subject.h"

#include "bridge/mqtt/homeassistant.h"
#include "bridge/text.h"

enum { CURSOR_END = UINT8_MAX };

bool subject_id(const struct subject *subject, const char *bridge_id,
	char id[static HOMEASSISTANT_ID_BYTES])
{
	const struct device *device = subject->device;
	const char *ha_id = device && device->ha_id ? device->ha_id : "";

	id[0] = '\0';
	if (!device) {
		(void)homeassistant_bridge_id(bridge_id, id);
	} else if (device->has_mac || ha_id[0] != '\0') {
		(void)homeassistant_id(device->mac, ha_id, subject->outlet, id);
	}
	return id[0] != '\0';
}

/* Some bulbs tell their power alone: what they count is announced when it is seen, and stays. */
static uint32_t meter_of(const struct subject *subject)
{
	const struct device *device = subject->device;
	const struct outlet_readings *now = &device->outlets[0].now;
	uint32_t counted = (uint32_t)subject->announced | subject->old;

	if (!device->has_energy) {
		return 0;
	}
	if (!plug_family_is_light(device->family)) {
		return HOMEASSISTANT_COMPONENTS_METER;
	}
	counted |= now->has_energy ? 1U << HOMEASSISTANT_ENERGY : 0;
	counted |= now->has_energy_today ? 1U << HOMEASSISTANT_ENERGY_TODAY : 0;
	return 1U << HOMEASSISTANT_POWER | (counted & HOMEASSISTANT_COMPONENTS_COUNTERS);
}

static uint32_t components_of(const struct subject *subject)
{
	const struct device *device = subject->device;
	const uint32_t box = 1U << HOMEASSISTANT_RSSI | 1U << HOMEASSISTANT_CONNECTION;
	const uint32_t outlet =
		1U << (device_cannot_dim(device) ? HOMEASSISTANT_SWITCH : HOMEASSISTANT_LIGHT);

	if (!device->is_strip) {
		return box | outlet | meter_of(subject);
	}
	return subject->outlet == 0 ? box : outlet | meter_of(subject);
}

/* The first of components from cursor on. */
static uint8_t seek(uint8_t cursor, uint32_t components)
{
	while (cursor < HOMEASSISTANT_COMPONENT_COUNT && !(components & 1U << cursor)) {
		cursor++;
	}
	return cursor < HOMEASSISTANT_COMPONENT_COUNT ? cursor : CURSOR_END;
}

static void describe_bridge(const char *bridge_id, struct homeassistant_device *description,
	struct subject_texts *texts)
{
	struct text label;

	text_init(&label, texts->label, sizeof texts->label);
	text_put(&label, "plugbridge ");
	text_put(&label, bridge_id);
	description->name = texts->id;
	description->label = texts->label;
	description->room = "";
	description->model = "";
	description->components = HOMEASSISTANT_COMPONENTS_BRIDGE;
}

static void describe_device(const struct subject *subject, struct homeassistant_device *description)
{
	const struct device *device = subject->device;
	const bool is_box = device->is_strip && subject->outlet == 0;
	const struct outlet *outlet =
		&device->outlets[subject->outlet > 0 ? subject->outlet - 1 : 0];

	description->name = is_box ? device->name : outlet->name;
	description->plug = outlet->name;
	description->label = is_box ? device->label : outlet->label;
	description->room = is_box ? device->room : outlet->room;
	description->model = device->box.model ? device->box.model : "";
	description->is_wall_switch = device->family == PLUG_FAMILY_WALL_SWITCH;
	description->components = components_of(subject);
}

bool subject_describe(const struct subject *subject, const char *bridge_id,
	struct homeassistant_device *description, struct subject_texts *texts)
{
	const struct device *device = subject->device;
	const struct subject box = { .device = device };

	*description = (struct homeassistant_device) { .id = texts->id };
	if (!subject_id(subject, bridge_id, texts->id)) {
		return false;
	}
	if (!device) {
		describe_bridge(bridge_id, description, texts);
		return true;
	}
	description->via = subject->outlet > 0 && subject_id(&box, bridge_id, texts->via)
				   ? texts->via
				   : homeassistant_bridge_id(bridge_id, texts->via);
	describe_device(subject, description);
	return device->family != PLUG_FAMILY_UNSUPPORTED;
}

void subject_begin(struct subject *subject, bool is_forced)
{
	subject->is_forced = subject->is_forced || is_forced;
	if (subject->step != SUBJECT_IDLE) {
		subject->is_again = true;
		return;
	}
	subject->step = subject->old != 0 ? SUBJECT_MIGRATE : SUBJECT_CONFIG;
	subject->cursor = 0;
}

void subject_restart(struct subject *subject)
{
	if (subject->step == SUBJECT_CLEAR) {
		subject->step = SUBJECT_CONFIG;
	}
	subject->cursor = 0;
	subject->pause_until_ms = 0;
	subject_begin(subject, true);
	subject->is_again = false;
}

bool subject_is_due(const struct subject *subject)
{
	return subject->step != SUBJECT_IDLE && subject->pause_until_ms == 0 &&
	       subject->cursor != CURSOR_END;
}

struct subject_message subject_message(
	const struct subject *subject, enum record_form configured, uint32_t components)
{
	const enum record_form other =
		configured == RECORD_DEVICE ? RECORD_COMPONENTS : RECORD_DEVICE;
	const bool is_config = subject->step == SUBJECT_CONFIG;
	struct subject_message message = {
		.form = is_config ? configured : other,
		.components = is_config ? components | subject->announced : subject->old,
	};

	if (message.form == RECORD_COMPONENTS) {
		message.component = seek(subject->cursor, message.components);
	}
	return message;
}

void subject_sent(struct subject *subject, const struct subject_message *message)
{
	subject->in_flight++;
	subject->cursor = CURSOR_END;
	if (message->form == RECORD_COMPONENTS) {
		subject->cursor = seek((uint8_t)(message->component + 1), message->components);
	}
}

bool subject_landed(struct subject *subject, bool is_lost)
{
	subject->in_flight--;
	if (is_lost) {
		subject->cursor = 0;
	}
	return subject->in_flight == 0 && subject->cursor == CURSOR_END;
}
