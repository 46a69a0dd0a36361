#include "tests/sim/options.h"

#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_PORT = 9999, PORT_MAX = 65535, LOOPBACK_PREFIX = 127 };

static const uint32_t DEFAULT_LISTEN = 0x7F010001;    /* 127.1.0.1 */
static const uint32_t DEFAULT_BROADCAST = 0x7FFFFFFF; /* 127.255.255.255 */

/* What is known of the devices while the line is read: --listen may come last. */
struct wish {
	const struct sim_model *model;
	char *alias; /* NULL: the factory's */
	bool has_address;
	uint32_t address;
	size_t count;
};

struct reading {
	struct sim_options *options;
	struct wish *wishes;
	size_t wish_count;
	const struct sim_model *model; /* of --count */
	size_t count;
	bool is_done;
};

/* Complains and returns false, so that readers can end with it. */
static bool bad(const char *what, const char *value)
{
	fprintf(stderr, "plugsim: %s: %s\n", value, what);
	return false;
}

static bool read_number(const char *text, long max, long *number)
{
	char *end = NULL;

	errno = 0;
	*number = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *number >= 0 && *number <= max;
}

static bool read_address(const char *text, uint32_t *address)
{
	struct in_addr in = { 0 };

	if (inet_pton(AF_INET, text, &in) != 1) {
		return bad("not an IPv4 address", text);
	}
	*address = ntohl(in.s_addr);
	return true;
}

static bool set_listen(struct reading *reading, const char *value)
{
	return read_address(value, &reading->options->listen);
}

static bool set_broadcast(struct reading *reading, const char *value)
{
	if (strcmp(value, "none") == 0) {
		reading->options->broadcast = 0;
		return true;
	}
	return read_address(value, &reading->options->broadcast);
}

static bool set_port(struct reading *reading, const char *value)
{
	long port = 0;

	if (!read_number(value, PORT_MAX, &port)) {
		return bad("not a port: 0 (any that is free) to 65535", value);
	}
	reading->options->port = (uint16_t)port;
	return true;
}

static bool set_count(struct reading *reading, const char *value)
{
	long count = 0;

	if (!read_number(value, SIM_DEVICES_MAX, &count) || count == 0) {
		return bad("not a number of devices: 1 to 100000", value);
	}
	reading->count = (size_t)count;
	return true;
}

static bool find_model(const char *name, const struct sim_model **model)
{
	*model = sim_model_find(name);
	return *model || bad("no such model (--help lists them)", name);
}

static bool set_model(struct reading *reading, const char *value)
{
	return find_model(value, &reading->model);
}

/* An alias goes into JSON: what json.h would not read back is refused here. */
static bool is_alias(const char *alias)
{
	struct sim_text text = { 0 };
	struct json_object *root = NULL;

	sim_text_add_quoted(&text, alias);
	plug_json_parse(text.bytes, text.size, PLUG_JSON_LAST_KEY_WINS, &root);
	sim_text_free(&text);
	json_object_put(root);
	return root && strlen(alias) <= SIM_ALIAS_MAX_BYTES;
}

static struct wish *add_wish(struct reading *reading)
{
	reading->wishes = sim_reallocate(
		reading->wishes, (reading->wish_count + 1) * sizeof reading->wishes[0]);
	reading->wishes[reading->wish_count] = (struct wish) { .count = 1 };
	reading->wish_count++;
	return &reading->wishes[reading->wish_count - 1];
}

/* Ends text at the first of the character and returns what is behind, or NULL. */
static char *split(char *text, char character)
{
	char *place = strchr(text, character);

	if (place) {
		*place = '\0';
		place++;
	}
	return place;
}

/* MODEL[@ADDRESS][=ALIAS] */
static bool set_device(struct reading *reading, const char *value)
{
	struct wish *wish = add_wish(reading);
	char *model = sim_duplicate(value);
	char *alias = split(model, '=');
	char *address = split(model, '@');
	bool is_good = find_model(model, &wish->model);

	if (is_good && address) {
		wish->has_address = true;
		is_good = read_address(address, &wish->address);
	}
	if (is_good && alias) {
		wish->alias = sim_duplicate(alias);
		is_good = is_alias(alias) || bad("not an alias: UTF-8, at most 64 bytes", alias);
	}
	free(model);
	return is_good;
}

static bool set_control(struct reading *reading, const char *value)
{
	reading->options->control = value;
	return value[0] != '\0' || bad("--control needs a path", "(nothing)");
}

static bool set_speed(struct reading *reading, const char *value)
{
	long speed = 0;

	if (!read_number(value, SIM_SPEED_MAX, &speed) || speed == 0) {
		return bad("not a speed: 1 to 100000 simulated seconds a second", value);
	}
	reading->options->speed = (uint32_t)speed;
	return true;
}

static bool set_noise(struct reading *reading, const char *value)
{
	(void)value;
	reading->options->has_noise = true;
	return true;
}

static bool set_quiet(struct reading *reading, const char *value)
{
	(void)value;
	reading->options->is_quiet = true;
	return true;
}

static bool set_wildcard(struct reading *reading, const char *value)
{
	(void)value;
	reading->options->is_wildcard = true;
	return true;
}

static bool set_any_address(struct reading *reading, const char *value)
{
	(void)value;
	reading->options->is_any_address_allowed = true;
	return true;
}

static bool show_version(struct reading *reading, const char *value)
{
	(void)value;
	puts("plugsim " PLUG_VERSION);
	reading->is_done = true;
	return true;
}

static bool show_help(struct reading *reading, const char *value);

static const struct option {
	const char *name;
	const char *value; /* NULL: takes none */
	const char *help;
	bool (*set)(struct reading *reading, const char *value);
} options_known[] = {
	{ "--device", "MODEL[@ADDRESS][=ALIAS]", "one device; may be repeated", set_device },
	{ "--count", "N", "N devices of one model", set_count },
	{ "--model", "MODEL", "the model of --count (HS110v2)", set_model },
	{ "--listen", "ADDRESS", "of the first device, the others follow (127.1.0.1)", set_listen },
	{ "--port", "PORT", "TCP and UDP; 0 for any that is free (9999)", set_port },
	{ "--broadcast", "ADDRESS", "where searches are heard, or none (127.255.255.255)",
		set_broadcast },
	{ "--control", "PATH", "a Unix socket to watch and change devices with", set_control },
	{ "--speed", "N", "let N seconds pass in each (1)", set_speed },
	{ "--noise", NULL, "readings vary a little from second to second", set_noise },
	{ "--wildcard", NULL, "one pair of sockets for all devices, also for few", set_wildcard },
	{ "--allow-any-address", NULL, "listen beyond 127.0.0.0/8 too", set_any_address },
	{ "--quiet", NULL, "do not tell what relays do", set_quiet },
	{ "--help", NULL, "this text", show_help },
	{ "--version", NULL, "the version", show_version },
};

enum { OPTION_COUNT = sizeof options_known / sizeof options_known[0] };

static bool show_help(struct reading *reading, const char *value)
{
	(void)value;
	puts("usage: plugsim [OPTION...]\n"
	     "Simulates Kasa devices, each on a loopback address of its own.\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options_known[i];

		printf("  %s%s%s\n      %s\n", option->name, option->value ? " " : "",
			option->value ? option->value : "", option->help);
	}
	puts("\nmodels:");
	for (size_t i = 0; i < sim_model_count; i++) {
		printf("  %-9s  %s\n", sim_models[i].name, sim_models[i].title);
	}
	puts("\nexamples:\n"
	     "  plugsim --device HS110v2 --device HS300=Cases --control /tmp/sim\n"
	     "  plugsim --count 200 --model HS100 --listen 127.2.0.1");
	reading->is_done = true;
	return true;
}

static const struct option *find_option(const char *argument, size_t size)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strlen(options_known[i].name) == size &&
			strncmp(options_known[i].name, argument, size) == 0) {
			return &options_known[i];
		}
	}
	return NULL;
}

/* Reads the option at *argument, and its value behind "=" or in the next one. */
static bool read_option(struct reading *reading, char ***argument)
{
	const char *name = **argument;
	const char *sign = strchr(name, '=');
	const struct option *option =
		find_option(name, sign ? (size_t)(sign - name) : strlen(name));
	const char *value = sign ? sign + 1 : NULL;

	if (!option) {
		return bad("no such option (--help lists them)", name);
	}
	if (!option->value && value) {
		return bad("takes no value", option->name);
	}
	if (option->value && !value) {
		(*argument)++;
		value = **argument;
	}
	if (option->value && !value) {
		return bad("needs a value", option->name);
	}
	return option->set(reading, value);
}

static void add_place(struct reading *reading, const struct wish *wish, uint32_t address)
{
	struct sim_options *options = reading->options;
	struct sim_place *place = &options->places[options->place_count];

	place->address = address;
	place->identity.model = wish->model;
	place->identity.alias = wish->alias;
	place->identity.has_noise = options->has_noise;
	options->place_count++;
}

static int compare(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a;
	const uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

static const char *address_text(uint32_t address, char text[static INET_ADDRSTRLEN])
{
	const struct in_addr in = { .s_addr = htonl(address) };

	return inet_ntop(AF_INET, &in, text, INET_ADDRSTRLEN);
}

static bool is_loopback(uint32_t address)
{
	return address >> 24 == LOOPBACK_PREFIX;
}

/* All addresses must be possible, allowed, and there once. */
static bool check_addresses(const struct sim_options *options)
{
	uint32_t *addresses = sim_allocate(options->place_count * sizeof *addresses);
	char text[INET_ADDRSTRLEN];
	bool is_good = true;

	for (size_t i = 0; i < options->place_count; i++) {
		addresses[i] = options->places[i].address;
	}
	qsort(addresses, options->place_count, sizeof *addresses, compare);
	for (size_t i = 0; i < options->place_count && is_good; i++) {
		address_text(addresses[i], text);
		if (!is_loopback(addresses[i]) && !options->is_any_address_allowed) {
			is_good = bad("beyond 127.0.0.0/8, where others could reach it "
				      "(--allow-any-address, if you mean it)",
				text);
		} else if (i > 0 && addresses[i] == addresses[i - 1]) {
			is_good = bad("two devices with this address", text);
		} else if (addresses[i] == options->broadcast) {
			is_good = bad("a device with the broadcast address", text);
		}
	}
	free(addresses);
	return is_good;
}

/* Gives every device an address: its own, or the next from --listen on. */
static bool place_all(struct reading *reading)
{
	uint64_t next = reading->options->listen;
	size_t count = 0;

	for (size_t i = 0; i < reading->wish_count; i++) {
		count += reading->wishes[i].count;
	}
	if (count > SIM_DEVICES_MAX) {
		return bad("too many devices: at most 100000", "--device");
	}
	reading->options->places = sim_allocate(count * sizeof *reading->options->places);
	for (size_t i = 0; i < reading->wish_count; i++) {
		const struct wish *wish = &reading->wishes[i];

		for (size_t n = 0; n < wish->count; n++) {
			const uint64_t address = wish->has_address ? wish->address : next;

			if (address > UINT32_MAX) {
				return bad("not enough addresses from there on", "--listen");
			}
			next += !wish->has_address;
			add_place(reading, wish, (uint32_t)address);
		}
	}
	return check_addresses(reading->options);
}

/* --count is a wish too, and without any wish there is one device. */
static bool complete(struct reading *reading)
{
	struct wish *wish = NULL;

	if (reading->model && reading->count == 0) {
		return bad("needs --count; one device is --device MODEL", "--model");
	}
	if (reading->count > 0 || reading->wish_count == 0) {
		wish = add_wish(reading);
		wish->count = reading->count > 0 ? reading->count : 1;
		wish->model = reading->model ? reading->model : sim_model_find("HS110v2");
	}
	return place_all(reading);
}

enum sim_start sim_options_read(int argc, char **argv, struct sim_options *options)
{
	struct reading reading = { .options = options };
	bool is_good = true;

	*options = (struct sim_options) {
		.listen = DEFAULT_LISTEN,
		.broadcast = DEFAULT_BROADCAST,
		.port = DEFAULT_PORT,
		.speed = 1,
	};
	for (char **argument = argv + (argc > 0); *argument && is_good && !reading.is_done;
		argument += *argument != NULL) {
		is_good = read_option(&reading, &argument);
	}
	if (is_good && !reading.is_done) {
		is_good = complete(&reading);
	}
	for (size_t i = 0; i < reading.wish_count && (!is_good || reading.is_done); i++) {
		free(reading.wishes[i].alias); /* else the places have them */
	}
	free(reading.wishes);
	if (!is_good) {
		return SIM_START_USAGE;
	}
	return reading.is_done ? SIM_START_DONE : SIM_START;
}

void sim_options_clear(struct sim_options *options)
{
	for (size_t i = 0; i < options->place_count; i++) {
		free((void *)(uintptr_t)options->places[i].identity.alias);
	}
	free(options->places);
	*options = (struct sim_options) { 0 };
}
