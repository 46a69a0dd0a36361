#include "ctl_found.h"

#include <stdio.h>

static char plug_model[] = "HS110(EU)";
static char strip_model[] = "HS300(US)";
static char hardware[] = "1.0";
static char no_type[] = "";
static char foreign_type[] = "IOT.SMARTPLUGSWITCH";

static struct search_device *add(struct found *found)
{
	struct search_device *device = &found->devices[found->list.count];

	found->items[found->list.count++] = device;
	*device = (struct search_device) {
		.port = 9999,
		.verdict = SEARCH_CONFIRMED,
		.has_mac = true,
		.mac = { 0x50, 0xc7, 0xbf, 0, 0, (uint8_t)found->list.count },
		.model = plug_model,
		.hardware = hardware,
		.device_type = no_type,
	};
	(void)snprintf(
		device->host, sizeof device->host, "192.0.2.%u", (unsigned)found->list.count);
	return device;
}

void found_begin(struct found *found)
{
	found->list = (struct search_list) { .items = found->items };
}

struct search_device *found_plug(struct found *found, const char *alias)
{
	struct search_device *device = add(found);

	device->info.family = PLUG_FAMILY_PLUG;
	device->info.alias = alias;
	device->info.outlet_count = 1;
	device->info.outlets[0].alias = alias;
	return device;
}

struct search_device *found_strip(
	struct found *found, const char *alias, const char *const *outlets)
{
	struct search_device *device = found_plug(found, alias);

	device->model = strip_model;
	device->info.family = PLUG_FAMILY_STRIP;
	for (device->info.outlet_count = 0; outlets[device->info.outlet_count];
		device->info.outlet_count++) {
		device->info.outlets[device->info.outlet_count].alias =
			outlets[device->info.outlet_count];
	}
	return device;
}

struct search_device *found_foreign(struct found *found, enum plug_dialect dialect)
{
	struct search_device *device = add(found);

	device->verdict = SEARCH_FOREIGN;
	device->dialect = dialect;
	device->device_type = foreign_type;
	return device;
}
