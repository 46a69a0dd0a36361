/* discover: which devices there are on the network, as a list or as a configuration. */
#include <stdio.h>
#include <stdlib.h>

#include "config/streams.h"
#include "protocol/plugctl/find/cfg_text.h"
#include "protocol/plugctl/find/load.h"
#include "protocol/plugctl/find/search.h"
#include "protocol/plugctl/find/settle.h"
#include "protocol/plugctl/find/where.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/output.h"
#include "protocol/plugctl/verbs/verbs.h"

enum { EXIT_USAGE = 2 };

/* Lines come while the search goes on: the columns begin as wide as they usually get. */
enum { NAME_WIDTH = 15 };
static const struct output_column columns[] = {
	{ .key = "mac", .width = sizeof "50:C7:BF:00:00:01" - 1 },
	{ .key = "model", .width = sizeof "HS110(EU)" - 1 },
	{ .key = "family", .width = sizeof "wall switch" - 1 },
	{ .key = "dialect", .width = sizeof "smart" - 1 },
	{ .key = "relay", .width = sizeof "6 of 6 on" - 1 },
	{ .key = "alias" },
	{ 0 },
};

struct hunt {
	const struct command *command;
	struct output output;
	struct search_plan plan;
	struct search_list list;
	char *problem; /* the first one; told last, because it may be why nothing was found */
};

static void put_outlets(struct json_object *data, const struct plug_sysinfo *info)
{
	struct json_object *rows = memory_json(json_object_new_array());
	size_t on_count = 0;
	char *relay;

	for (size_t i = 0; i < info->outlet_count; i++) {
		struct json_object *row = memory_json(json_object_new_object());

		output_int(row, "outlet", (int64_t)i + 1);
		output_text(row, "state", info->outlets[i].is_on ? "on" : "off");
		output_text(row, "alias", info->outlets[i].alias);
		json_object_array_add(rows, row);
		on_count += info->outlets[i].is_on;
	}
	relay = info->family == PLUG_FAMILY_STRIP
			? memory_format("%zu of %zu on", on_count, info->outlet_count)
			: memory_copy(on_count > 0 ? "on" : "off");
	output_text(data, "relay", relay);
	free(relay);
	output_text(data, "alias", info->alias);
	json_object_object_add(data, "outlets", rows);
}

/* What keeps the device from being used, in words (caller frees), or NULL. */
static char *trouble_of(const struct search_device *device)
{
	switch (device->verdict) {
	case SEARCH_FOREIGN:
		return memory_copy(plug_dialect_advice(device->dialect));
	case SEARCH_FALSE:
		return memory_copy("an answer came from there, but the device there has another "
				   "MAC: nothing is done with it");
	case SEARCH_SILENT:
		return settle_silent(device);
	default:
		break;
	}
	if (device->info.family == PLUG_FAMILY_UNSUPPORTED) {
		return memory_copy("this kind of device is not supported");
	}
	return device->is_elsewhere ? memory_copy("another address answers with this MAC too")
				    : NULL;
}

static struct json_object *describe(const struct search_device *device)
{
	struct json_object *data = memory_json(json_object_new_object());
	char *trouble = trouble_of(device);
	char mac[PLUG_MAC_TEXT_BYTES];

	output_text(data, "host", device->host);
	output_int(data, "port", device->port);
	if (device->has_mac) {
		plug_mac_format(device->mac, mac);
		output_text(data, "mac", mac);
	}
	output_text(data, "model", device->model);
	output_text(data, "hardware", device->hardware);
	output_text(data, "family",
		device->verdict == SEARCH_FOREIGN ? device->device_type
						  : plug_family_traits(device->info.family)->name);
	output_text(data, "dialect", plug_dialect_name(device->dialect));
	output_flag(data, "confirmed", device->verdict == SEARCH_CONFIRMED);
	output_flag(data, "doubled", device->is_elsewhere);
	if (device->info.outlet_count > 0) {
		put_outlets(data, &device->info);
	}
	if (trouble) {
		output_text(data, "advice", trouble);
	}
	free(trouble);
	return data;
}

static bool prints_config(const struct hunt *hunt)
{
	return command_has(hunt->command, OPTION_PRINT_CONFIG);
}

static bool on_device(void *data, const struct search_device *device)
{
	struct hunt *hunt = data;
	struct output_result result = { .name = device->host };

	if (!prints_config(hunt)) {
		result.data = describe(device);
		output_measure(&hunt->output, &result);
		output_print(&hunt->output, &result);
		json_object_put(result.data);
	}
	return streams_flush();
}

static void on_problem(void *data, const char *where, const char *text)
{
	struct hunt *hunt = data;
	char *problem = memory_format("%s%s%s", where, where[0] != '\0' ? ": " : "", text);

	if (hunt->problem) {
		fprintf(stderr, "plugctl: discover: %s\n", problem);
		free(problem);
	} else {
		hunt->problem = problem;
	}
}

/* What the owner should know of single devices. */
static void print_troubles(const struct hunt *hunt)
{
	for (size_t i = 0; i < hunt->list.count; i++) {
		const struct search_device *device = hunt->list.items[i];
		char *trouble = trouble_of(device);

		if (trouble && !command_has(hunt->command, OPTION_JSON)) {
			fprintf(stderr, "plugctl: %s: %s\n", device->host, trouble);
		}
		free(trouble);
	}
}

static void print_config(struct hunt *hunt)
{
	const bool is_named = command_has(hunt->command, OPTION_BROADCAST);
	struct output_result result = { .name = "discover" };
	struct json_object *devices = memory_json(json_object_new_array());
	char *text;

	text = cfg_text(&hunt->list, hunt->plan.targets, is_named ? hunt->plan.target_count : 0);
	if (!command_has(hunt->command, OPTION_JSON)) {
		fputs(text, stdout);
		(void)streams_flush();
	}
	for (size_t i = 0; i < hunt->list.count; i++) {
		json_object_array_add(devices, describe(hunt->list.items[i]));
	}
	result.data = memory_json(json_object_new_object());
	json_object_object_add(result.data, "devices", devices);
	output_int(result.data, "ignored", (int64_t)hunt->list.ignored);
	output_text(result.data, "config", text);
	if (command_has(hunt->command, OPTION_JSON)) {
		output_print(&hunt->output, &result);
	}
	json_object_put(result.data);
	free(text);
}

static size_t count_usable(const struct search_list *list)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		count += cfg_text_is_usable(list, list->items[i]);
	}
	return count;
}

static int fail(struct hunt *hunt, const char *error)
{
	const struct output_result result = { .name = "discover", .error = error };

	output_print(&hunt->output, &result);
	return EXIT_FAILURE;
}

static int fail_to_send(struct hunt *hunt, enum plug_error error)
{
	char *text = memory_format("nothing could be sent: %s",
		hunt->problem ? hunt->problem : plug_error_text(error));

	(void)fail(hunt, text);
	free(text);
	return EXIT_FAILURE;
}

/* What there is to say once the search is over. */
static int conclude(struct hunt *hunt, size_t usable)
{
	int status = EXIT_SUCCESS;

	if (hunt->problem) {
		fprintf(stderr, "plugctl: discover: %s\n", hunt->problem);
	}
	if (hunt->list.count == 0) {
		status = fail(hunt, "no device answered");
		where_advise(&hunt->plan);
	} else if (usable == 0 && prints_config(hunt)) {
		status = fail(hunt, "none of the devices that answered can be used as it is");
	} else if (prints_config(hunt)) {
		print_config(hunt);
	}
	print_troubles(hunt);
	return status;
}

static int finish(struct hunt *hunt, enum plug_error error)
{
	const size_t usable = count_usable(&hunt->list);
	const int status = error == PLUG_OK ? conclude(hunt, usable) : fail_to_send(hunt, error);

	if (command_has(hunt->command, OPTION_VERBOSE)) {
		fprintf(stderr,
			"plugctl: discover: %zu found, %zu of them usable; %zu answers ignored\n",
			hunt->list.count, usable, hunt->list.ignored);
	}
	return status;
}

static void prepare_output(struct hunt *hunt)
{
	output_init(&hunt->output, command_has(hunt->command, OPTION_JSON), columns, NULL);
	hunt->output.name_width = NAME_WIDTH;
}

static int run(const struct command *command)
{
	struct hunt hunt = { .command = command };
	const struct search_calls calls = { &hunt, NULL, on_device, on_problem };
	struct config *config;
	enum plug_error error;
	int status = EXIT_USAGE;

	if (load_config(command, &config) && where_read(command, config, &hunt.plan)) {
		prepare_output(&hunt);
		error = search_run(&hunt.plan, &calls, &hunt.list);
		search_sort(&hunt.list);
		status = finish(&hunt, error);
		free(hunt.problem);
		search_clear(&hunt.list);
		where_clear(&hunt.plan);
	}
	config_free(config);
	return status;
}

const struct verb verb_discover = {
	.name = "discover",
	.options = OPTION_BIT(PRINT_CONFIG),
	.help = "find devices on the network, or ask at these addresses",
	.run = run,
	.takes_addresses = true,
};
