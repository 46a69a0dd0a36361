/* visit.c - a small program that somebody else wrote.
 *
 *     visit info HOST PORT              what the device is, and how its outlets stand
 *     visit on|off HOST PORT OUTLET     OUTLET from 0 on
 *     visit energy HOST PORT OUTLET     now, and the days of this month as the device has it
 *     visit discover ADDRESS PORT       who answers a search there */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <plug/blocking/device.h>
#include <plug/blocking/discover.h>
#include <plug/blocking/energy.h>
#include <plug/blocking/outlet.h>
#include <plug/blocking/settings.h>
#include <plug/mac.h>

enum { TIMEOUT_MS = 10000, EXIT_USAGE = 2 };

static enum plug_error info(struct plug_device *device, int outlet)
{
	const struct plug_sysinfo *sysinfo = plug_device_info(device);
	char mac[PLUG_MAC_TEXT_BYTES];

	(void)outlet;
	plug_mac_format(sysinfo->mac, mac);
	printf("%s\n%s\n%s\n", sysinfo->alias, sysinfo->model, mac);
	for (size_t i = 0; i < sysinfo->outlet_count; i++) {
		printf("%zu %s\n", i, sysinfo->outlets[i].is_on ? "on" : "off");
	}
	return PLUG_OK;
}

static enum plug_error switch_to(struct plug_device *device, int outlet, bool is_on)
{
	enum plug_error error = plug_device_switch(device, outlet, is_on);

	if (error == PLUG_OK) {
		error = plug_device_refresh(device);
	}
	return error == PLUG_OK ? info(device, outlet) : error;
}

static enum plug_error on(struct plug_device *device, int outlet)
{
	return switch_to(device, outlet, true);
}

static enum plug_error off(struct plug_device *device, int outlet)
{
	return switch_to(device, outlet, false);
}

static enum plug_error energy(struct plug_device *device, int outlet)
{
	struct plug_statistics days;
	struct plug_realtime reading;
	struct plug_period month;
	struct plug_time now;
	enum plug_error error = plug_device_reading(device, outlet, &reading);

	if (error == PLUG_OK) {
		printf("%lld mW, %lld mV, %lld mA, %lld Wh\n", (long long)reading.power_mw,
			(long long)reading.voltage_mv, (long long)reading.current_ma,
			(long long)reading.total_wh);
		error = plug_device_time(device, &now);
	}
	if (error == PLUG_OK) {
		month = (struct plug_period) { now.year, now.month };
		error = plug_device_energy(device, outlet, &month, &days);
	}
	for (size_t i = 0; error == PLUG_OK && i < days.count; i++) {
		printf("%04d-%02d-%02d %lld Wh\n", days.entries[i].year, days.entries[i].month,
			days.entries[i].day, (long long)days.entries[i].value);
	}
	return error;
}

static const struct verb {
	const char *name;
	int words;
	enum plug_error (*run)(struct plug_device *device, int outlet);
} verbs[] = { { "info", 4, info }, { "on", 5, on }, { "off", 5, off }, { "energy", 5, energy } };

/* 0 for what is no number, or none of this size. */
static uint16_t number(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	return *text != '\0' && *end == '\0' && value <= UINT16_MAX ? (uint16_t)value : 0;
}

static int visit(const struct verb *verb, char **words)
{
	struct plug_device *device;
	const int outlet = words[4] ? number(words[4]) : 0;
	enum plug_error error = plug_device_open(words[2], number(words[3]), TIMEOUT_MS, &device);

	if (error == PLUG_OK) {
		error = verb->run(device, outlet);
	}
	if (error != PLUG_OK) {
		fprintf(stderr, "%s: %s\n", words[2], plug_error_text(error));
	}
	plug_device_close(device);
	return error == PLUG_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void on_found(struct plug_search *search, const struct plug_found *found)
{
	char address[INET_ADDRSTRLEN];

	(void)search;
	inet_ntop(AF_INET, &found->address, address, sizeof address);
	printf("%s %s\n", address, found->what->has_sysinfo ? found->what->sysinfo.alias : "?");
}

static int discover(char **words)
{
	const struct plug_search_calls calls = { on_found, NULL, NULL };
	const char *const targets[] = { words[2] };
	struct plug_search_settings settings;
	enum plug_error error;

	plug_search_settings_init(&settings);
	settings.targets = targets;
	settings.target_count = 1;
	settings.port = number(words[3]);
	error = plug_discover(&settings, &calls, NULL);
	if (error != PLUG_OK) {
		fprintf(stderr, "%s: %s\n", words[2], plug_error_text(error));
	}
	return error == PLUG_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int count, char **words)
{
	if (count == 4 && strcmp(words[1], "discover") == 0) {
		return discover(words);
	}
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (count == verbs[i].words && strcmp(words[1], verbs[i].name) == 0) {
			return visit(&verbs[i], words);
		}
	}
	fprintf(stderr,
		"visit info|on|off|energy HOST PORT [OUTLET], visit discover ADDRESS PORT\n");
	return EXIT_USAGE;
}
