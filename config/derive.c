#include "config/derive.h"

#include <stdlib.h>

#include "config/text/memory.h"

enum { TLS_PORT = 8883 };

static void derive_broker(const config_t *tree, struct config *config)
{
	struct config_broker *broker = &config->broker;

	broker->tls.is_used = config_lookup(tree, "broker.tls") != NULL;
	if (broker->tls.is_used && !config_lookup(tree, "broker.port")) {
		broker->port = TLS_PORT;
	}
	if (!broker->client_id) {
		broker->client_id = config_format("plugbridge-%s", config->bridge.id);
	}
}

/* Puts a copy of text into *field when that holds nothing. A name that was refused is NULL. */
static void fill(char **field, const char *text)
{
	if ((!*field || (*field)[0] == '\0') && text) {
		free(*field);
		*field = config_copy(text);
	}
}

static void derive_outlets(struct config_device *device)
{
	device->has_outlets = device->outlet_count > 0;
	if (!device->has_outlets) {
		device->outlets = config_alloc(1, sizeof(*device->outlets));
		device->outlet_count = 1;
		fill(&device->outlets[0].name, device->name);
		fill(&device->outlets[0].label, device->label);
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		fill(&device->outlets[i].label, device->outlets[i].name);
		fill(&device->outlets[i].room, device->room);
	}
}

void config_derive(const config_t *tree, const struct config_text *text, struct config *config)
{
	const config_setting_t *list = config_lookup(tree, "devices");

	derive_broker(tree, config);
	for (size_t i = 0; i < config->device_count; i++) {
		struct config_device *device = &config->devices[i];
		const config_setting_t *setting = config_setting_get_elem(list, (unsigned int)i);

		device->line =
			config_text_locate(text, (int)config_setting_source_line(setting)).line;
		if (device->poll_ms == 0) {
			device->poll_ms = config->poll.interval_ms;
		}
		fill(&device->label, device->name);
		derive_outlets(device);
	}
}
