#include "bridge/search/news.h"

#include <string.h>

#include "bridge/event.h"
#include "bridge/log.h"

enum {
	/* What a stranger says of itself, in an event of limited size. */
	STRANGER_TEXT_MAX_BYTES = 64,
};

static void put_mac(struct event *event, const char *key, const uint8_t *mac)
{
	char text[PLUG_MAC_TEXT_BYTES];

	plug_mac_format(mac, text);
	text_member_string(&event->text, key, text);
}

/* null while it is not known. */
static void put_own_mac(struct event *event, const struct device *device)
{
	if (device->has_mac) {
		put_mac(event, "mac", device->mac);
	} else {
		text_member_null(&event->text, "mac");
	}
}

/* As much of it as has room, cut between characters; NULL stays NULL. */
static void put_start(struct event *event, const char *key, const char *text)
{
	char start[STRANGER_TEXT_MAX_BYTES + 1];
	size_t size = text ? strnlen(text, STRANGER_TEXT_MAX_BYTES) : 0;

	if (!text) {
		text_member_null(&event->text, key);
		return;
	}
	while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80) {
		size--;
	}
	memcpy(start, text, size);
	start[size] = '\0';
	text_member_string(&event->text, key, start);
}

static void put_dialect(struct event *event, enum plug_dialect dialect)
{
	text_member_string(&event->text, "dialect", plug_dialect_name(dialect));
	text_member_string(&event->text, "advice", plug_dialect_advice(dialect));
}

void news_unknown(struct bridge *bridge, const struct news_unknown *unknown)
{
	char mac[PLUG_MAC_TEXT_BYTES];
	struct event event;

	plug_mac_format(unknown->mac, mac);
	/* What it says of itself is for the event alone: a log is read on terminals. */
	log_info("search: a device that is not configured at %s, MAC %s", unknown->address, mac);
	event_begin(&event, "unknown_device");
	text_member_string(&event.text, "mac", mac);
	text_member_string(&event.text, "address", unknown->address);
	put_start(&event, "model", unknown->model);
	put_start(&event, "alias", unknown->alias);
	put_dialect(&event, unknown->dialect);
	event_send(&event, bridge, NULL);
}

void news_moved(struct bridge *bridge, const struct device *device, const char *address)
{
	const bool had_address = device->address[0] != '\0';
	struct event event;

	if (had_address) {
		log_info("%s: has moved from %s to %s", device->name, device->address, address);
	} else {
		log_info("%s: found at %s", device->name, address);
	}
	event_begin(&event, had_address ? "device_moved" : "device_found");
	text_member_string(&event.text, "name", device->name);
	put_mac(&event, "mac", device->mac);
	if (had_address) {
		text_member_string(&event.text, "from", device->address);
	}
	text_member_string(&event.text, had_address ? "to" : "address", address);
	event_send(&event, bridge, NULL);
}

void news_swapped(struct bridge *bridge, const struct device *device, const uint8_t *mac)
{
	struct event event;

	event_begin(&event, "device_swapped");
	text_member_string(&event.text, "name", device->name);
	text_member_string(&event.text, "address", device->address);
	put_own_mac(&event, device);
	put_mac(&event, "found_mac", mac);
	event_send(&event, bridge, NULL);
}

void news_duplicate(struct bridge *bridge, const struct device *device, const uint8_t *mac,
	const char *const addresses[static 2])
{
	char text[PLUG_MAC_TEXT_BYTES];
	struct event event;

	plug_mac_format(mac, text);
	log_warn("search: MAC %s answers at %s and at %s", text, addresses[0], addresses[1]);
	event_begin(&event, "duplicate_mac");
	text_member_string(&event.text, "mac", text);
	text_open(&event.text, "addresses", '[');
	text_member_string(&event.text, NULL, addresses[0]);
	text_member_string(&event.text, NULL, addresses[1]);
	text_close(&event.text, ']');
	text_member_string(&event.text, "name", device ? device->name : NULL);
	event_send(&event, bridge, NULL);
}

void news_unsupported(struct bridge *bridge, const struct device *device, const char *address)
{
	struct event event;

	log_warn("%s: answers at %s, but %s", device->name, address,
		plug_dialect_advice(device->dialect));
	event_begin(&event, "device_unsupported");
	text_member_string(&event.text, "name", device->name);
	put_own_mac(&event, device);
	text_member_string(&event.text, "address", address);
	put_dialect(&event, device->dialect);
	event_send(&event, bridge, NULL);
}
