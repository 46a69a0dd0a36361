/* info, health, inventory, devices: what the bridge knows. */
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/requests/request.h"
#include "bridge/text.h"

enum {
	/* A byte of text takes at most six in JSON. */
	ESCAPE_BYTES = 6,
	DEVICE_BYTES = 512,
	OUTLET_BYTES = 256,
};

static void show_document(struct request *request, enum document document)
{
	char *text = bridge_format_document(request->bridge, document);

	request_answer(request, text);
	free(text);
}

void request_show_info(struct request *request)
{
	show_document(request, DOCUMENT_INFO);
}

void request_show_health(struct request *request)
{
	show_document(request, DOCUMENT_HEALTH);
}

void request_show_inventory(struct request *request)
{
	show_document(request, DOCUMENT_INVENTORY);
}

static size_t text_bytes(const char *text)
{
	return text ? ESCAPE_BYTES * strlen(text) : 0;
}

static size_t device_bytes(const struct device *device)
{
	size_t bytes = DEVICE_BYTES + text_bytes(device->address) + text_bytes(device->box.model) +
		       text_bytes(device->box.reason);

	for (size_t i = 0; i < device->outlet_count; i++) {
		const struct outlet *outlet = &device->outlets[i];

		bytes += OUTLET_BYTES + text_bytes(outlet->label) + text_bytes(outlet->room) +
			 text_bytes(outlet->alias);
	}
	return bytes;
}

static void put_outlet(struct text *text, const struct outlet *outlet)
{
	text_open(text, NULL, '{');
	text_member_string(text, "name", outlet->name);
	text_member_string(text, "label", outlet->label);
	text_member_string(text, "room", outlet->room);
	text_member_string(text, "alias", outlet->alias);
	if (outlet->has_state) {
		text_member_string(text, "state", outlet->is_on ? "ON" : "OFF");
	} else {
		text_member_null(text, "state");
	}
	text_close(text, '}');
}

static void put_device(struct text *text, const struct device *device)
{
	char mac[PLUG_MAC_TEXT_BYTES] = "";

	if (device->has_mac) {
		plug_mac_format(device->mac, mac);
	}
	text_open(text, NULL, '{');
	text_member_string(text, "name", device->name);
	text_member_string(text, "host", device->address);
	text_member_integer(text, "port", device->port);
	text_member_string(text, "mac", device->has_mac ? mac : NULL);
	text_member_string(text, "model", device->box.model);
	text_member_flag(text, "online", device->box.is_online);
	text_member_string(text, "reason", device->box.reason);
	text_member_time(text, "time", device->box.read_wall_ms);
	text_open(text, "outlets", '[');
	for (size_t i = 0; i < device->outlet_count; i++) {
		put_outlet(text, &device->outlets[i]);
	}
	text_close(text, ']');
	text_close(text, '}');
}

void request_show_devices(struct request *request)
{
	const struct bridge *bridge = request->bridge;
	size_t capacity = DEVICE_BYTES;
	struct text text;

	for (size_t i = 0; i < bridge->device_count; i++) {
		capacity += device_bytes(bridge->devices[i]);
	}
	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_open(&text, "devices", '[');
	for (size_t i = 0; i < bridge->device_count; i++) {
		put_device(&text, bridge->devices[i]);
	}
	text_close(&text, ']');
	text_close(&text, '}');
	request_answer(request, text.bytes);
	free(text.bytes);
}
