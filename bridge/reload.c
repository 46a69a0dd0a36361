#include <stdlib.h>
#include <string.h>

#include "bridge/bridge.h"
#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/time/zone.h"

enum {
	/* First contact with all devices is spread over this time. */
	FIRST_CONTACT_MS = 1000,
	/* By then every device was read and everything published. */
	SETTLE_MS = 5000,
};

static void close_device(struct bridge *bridge, struct device *device, const char *why)
{
	finder_forget(bridge->finder, device);
	device_close(device, why, NULL);
	for (size_t i = 0; i < device->outlet_count; i++) {
		publisher_forget(bridge->publisher, &device->outlets[i]);
	}
	if (device->whole) {
		publisher_forget(bridge->publisher, device->whole);
	}
}

void bridge_close_devices(struct bridge *bridge, const char *why)
{
	announcer_forget_devices(bridge->announcer);
	for (size_t i = 0; i < bridge->device_count; i++) {
		close_device(bridge, bridge->devices[i], why);
	}
	free(bridge->devices);
	free(bridge->outlets);
	bridge->devices = NULL;
	bridge->outlets = NULL;
	bridge->device_count = 0;
	bridge->outlet_count = 0;
}

static int compare_devices(const void *a, const void *b)
{
	const struct device *const *left = a;
	const struct device *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static int compare_device_name(const void *key, const void *element)
{
	const struct device *const *device = element;

	return strcmp(key, (*device)->name);
}

static int compare_outlets(const void *a, const void *b)
{
	const struct outlet *const *left = a;
	const struct outlet *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static bool has_same_outlets(const struct device *device, const struct config_device *config)
{
	if (device->is_strip != config->has_outlets ||
		device->outlet_count != config->outlet_count) {
		return false;
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		if (strcmp(device->outlets[i].name, config->outlets[i].name) != 0) {
			return false;
		}
	}
	return true;
}

/* What a device is configured to be found by is what a MAC is learned for: another host or alias
 * may mean another device. The caller frees. */
static char *pin_key(const char *host, const char *alias)
{
	return host[0] != '\0' ? mem_copy(host) : mem_printf("\"%s\"", alias ? alias : "");
}

void bridge_store_pin(struct bridge *bridge, const struct device *device)
{
	char *key = pin_key(device->configured_host, device->alias);

	store_set_pin(bridge->store, device->name, key, device->mac);
	free(key);
}

void bridge_store_address(struct bridge *bridge, const struct device *device)
{
	const struct store_place place = { device->name, device->configured_host, device->mac };

	store_set_address(bridge->store, &place, device->found);
	store_save(bridge->store);
}

/* Back to where it was found last; without a search nothing would bring it home from there. */
static void restore_address(struct bridge *bridge, struct device *device)
{
	const struct store_place place = { device->name, device->configured_host, device->mac };
	char *address = NULL;

	if (device->has_mac && finder_is_enabled(bridge->finder)) {
		address = store_find_address(bridge->store, &place);
	}
	if (address) {
		device_move(device, address);
	}
	free(address);
}

static bool find_pin(struct bridge *bridge, const struct config_device *config,
	uint8_t mac[static PLUG_MAC_BYTES])
{
	char *key = pin_key(config->host, config->alias);
	const bool is_found =
		!config->has_mac && store_find_pin(bridge->store, config->name, key, mac);

	free(key);
	return is_found;
}

static void forget_pin(struct bridge *bridge, const struct config_device *config)
{
	uint8_t mac[PLUG_MAC_BYTES];
	char words[PLUG_MAC_TEXT_BYTES];
	char *key = pin_key(config->host, config->alias);
	char *text = NULL;

	if (find_pin(bridge, config, mac)) {
		plug_mac_format(mac, words);
		text = mem_printf("%s %s %s", key, config->name, words);
		store_remove(bridge->store, STORE_PIN, text);
	}
	free(text);
	free(key);
}

static bool has_same_alias(const struct device *device, const struct config_device *config)
{
	return strcmp(device->alias ? device->alias : "", config->alias) == 0;
}

/* A MAC that was learned and is now written down is no change. */
static bool has_same_mac(const struct device *device, const struct config_device *config)
{
	if (!config->has_mac) {
		return !device->is_mac_configured;
	}
	return device->has_mac && memcmp(device->mac, config->mac, sizeof device->mac) == 0;
}

static bool is_same(const struct device *device, const struct config_device *config)
{
	return strcmp(device->configured_host, config->host) == 0 && device->port == config->port &&
	       has_same_alias(device, config) && has_same_mac(device, config) &&
	       has_same_outlets(device, config);
}

void bridge_claim_energy(struct bridge *bridge, struct device *device)
{
	for (size_t i = 0; i < device->outlet_count && device->has_mac; i++) {
		struct outlet *outlet = &device->outlets[i];
		char *topic =
			mem_printf("%s/plug/%s", bridge->config->bridge.base_topic, outlet->name);

		energy_file_claim(
			bridge->energy_file, &outlet->energy, device->mac, outlet->index, topic);
		free(topic);
	}
}

/* What may change without touching the connection. */
static void adjust(struct bridge *bridge, struct device *device, const struct config_device *config)
{
	device->poll_ms = config->poll_ms;
	device->is_mac_configured = config->has_mac;
	device_rename(device, config);
	if (!config->has_mac && device->has_mac) {
		bridge_store_pin(bridge, device);
	}
	if (device->found) {
		bridge_store_address(bridge, device);
	}
	for (size_t i = 0; i < device->outlet_count; i++) {
		publisher_mark(bridge->publisher, &device->outlets[i],
			outlet_rename(&device->outlets[i], config->outlets[i].label,
				config->outlets[i].room));
	}
	if (device->whole) {
		publisher_mark(bridge->publisher, device->whole,
			outlet_rename(device->whole, config->label, config->room));
	}
}

/* is_robbed: what it had learned is another's. */
static struct device *create(
	struct bridge *bridge, const struct config_device *config, bool is_robbed)
{
	uint8_t mac[PLUG_MAC_BYTES];
	const bool has_pin = !is_robbed && find_pin(bridge, config, mac);
	struct device *device = device_new(&bridge->host, config, has_pin ? mac : NULL);

	if (is_robbed) {
		forget_pin(bridge, config);
	}
	restore_address(bridge, device);
	bridge_claim_energy(bridge, device);
	for (size_t i = 0; i < device->outlet_count; i++) {
		publisher_mark(bridge->publisher, &device->outlets[i], LEAVES_OFFLINE);
	}
	if (device->whole) {
		publisher_mark(bridge->publisher, device->whole, LEAVES_OFFLINE);
	}
	return device;
}

/* Takes the device that config describes out of the old ones, when it goes on as it is. */
static struct device *take_same(
	struct bridge *bridge, struct device **old, const struct config_device *config)
{
	struct device **found = bridge->device_count > 0
					? bsearch(config->name, old, bridge->device_count,
						  sizeof *old, compare_device_name)
					: NULL;

	return found && is_same(*found, config) ? *found : NULL;
}

static void index_outlets(struct bridge *bridge)
{
	size_t count = 0;

	for (size_t i = 0; i < bridge->device_count; i++) {
		count += bridge->devices[i]->outlet_count;
	}
	free(bridge->outlets);
	bridge->outlets = mem_array(count, sizeof *bridge->outlets);
	bridge->outlet_count = 0;
	for (size_t i = 0; i < bridge->device_count; i++) {
		for (size_t j = 0; j < bridge->devices[i]->outlet_count; j++) {
			bridge->outlets[bridge->outlet_count++] = &bridge->devices[i]->outlets[j];
		}
	}
	qsort(bridge->outlets, bridge->outlet_count, sizeof *bridge->outlets, compare_outlets);
	publisher_configure(
		bridge->publisher, bridge->outlet_count, bridge->config->poll.heartbeat_ms);
}

/* Writes down which topics are ours before anything is published under them, and clears those
 * that no longer are: from the run before, or from the configuration before. */
static void claim_topics(struct bridge *bridge)
{
	const char *base = bridge->config->bridge.base_topic;
	const struct store_entry *entries = NULL;
	char *prefix = mem_printf("%s/bridge/%s", base, bridge->config->bridge.id);
	size_t count = 0;

	store_add(bridge->store, STORE_BRIDGE, prefix);
	free(prefix);
	for (size_t i = 0; i < bridge->outlet_count; i++) {
		prefix = mem_printf("%s/plug/%s", base, bridge->outlets[i]->name);
		store_add(bridge->store, STORE_OUTLET, prefix);
		free(prefix);
	}
	for (size_t i = 0; i < bridge->device_count; i++) {
		if (bridge->devices[i]->whole) {
			prefix = mem_printf("%s/strip/%s", base, bridge->devices[i]->name);
			store_add(bridge->store, STORE_OUTLET, prefix);
			free(prefix);
		}
	}
	entries = store_entries(bridge->store, &count);
	for (size_t i = 0; i < count; i++) {
		if (!entries[i].is_current && entries[i].kind == STORE_OUTLET) {
			publisher_clear_outlet(bridge->publisher, entries[i].text);
		} else if (!entries[i].is_current && entries[i].kind == STORE_BRIDGE) {
			publisher_clear_bridge(bridge->publisher, entries[i].text);
		}
	}
	store_save(bridge->store);
}

/* The MAC that a device of the configuration has, or had learned. */
struct claim {
	uint8_t mac[PLUG_MAC_BYTES];
	bool is_learned;
	size_t index;
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *left = a;
	const struct claim *right = b;
	const int order = memcmp(left->mac, right->mac, PLUG_MAC_BYTES);

	if (order != 0 || left->is_learned != right->is_learned) {
		return order != 0 ? order : left->is_learned - right->is_learned;
	}
	return left->index < right->index ? -1 : 1;
}

/* Which devices had learned a MAC that another has now: one that it is configured for, or the
 * first that had learned it. Asks for every pin, so that they are to be unclaimed after it. The
 * caller frees. */
static bool *find_robbed(struct bridge *bridge)
{
	const struct config *config = bridge->config;
	struct claim *claims = mem_array(config->device_count, sizeof *claims);
	bool *is_robbed = mem_array(config->device_count, sizeof *is_robbed);
	size_t count = 0;

	for (size_t i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];
		struct claim *claim = &claims[count];

		*claim = (struct claim) { .is_learned = !device->has_mac, .index = i };
		memcpy(claim->mac, device->mac, sizeof claim->mac);
		count += device->has_mac || find_pin(bridge, device, claim->mac);
	}
	if (count > 0) {
		qsort(claims, count, sizeof *claims, compare_claims);
	}
	for (size_t i = 1; i < count; i++) {
		is_robbed[claims[i].index] =
			claims[i].is_learned &&
			memcmp(claims[i].mac, claims[i - 1].mac, PLUG_MAC_BYTES) == 0;
	}
	free(claims);
	return is_robbed;
}

/* The new devices; those that go on are in both lists. */
static struct device **match(struct bridge *bridge, const bool *is_robbed, size_t *kept)
{
	const struct config *config = bridge->config;
	struct device **devices = mem_array(config->device_count, sizeof *devices);

	*kept = 0;
	if (bridge->device_count > 0) {
		qsort(bridge->devices, bridge->device_count, sizeof *bridge->devices,
			compare_devices);
	}
	for (size_t i = 0; i < config->device_count; i++) {
		devices[i] = is_robbed[i] ? NULL
					  : take_same(bridge, bridge->devices, &config->devices[i]);
		if (devices[i]) {
			devices[i]->is_kept = true;
			(*kept)++;
		}
	}
	return devices;
}

static void close_others(struct bridge *bridge)
{
	for (size_t i = 0; i < bridge->device_count; i++) {
		if (!bridge->devices[i]->is_kept) {
			close_device(bridge, bridge->devices[i],
				"the outlet left the configuration, or its device was changed");
		}
		bridge->devices[i]->is_kept = false;
	}
}

static void start_device(struct bridge *bridge, size_t index)
{
	const size_t count = bridge->config->device_count;
	struct device *device = bridge->devices[index];
	const uint64_t spread_ms =
		device->poll_ms < FIRST_CONTACT_MS ? device->poll_ms : FIRST_CONTACT_MS;

	device_start(device, spread_ms * index / count, device->poll_ms * index / count);
}

void bridge_apply_devices(struct bridge *bridge)
{
	const struct config *config = bridge->config;
	size_t kept = 0;
	struct device **devices = NULL;
	bool *is_robbed = NULL;

	bridge->host.timeout_ms = config->poll.timeout_ms;
	bridge->host.steps = (struct outlet_steps) {
		.power_mw = config->poll.power_step_mw,
		.voltage_mv = config->poll.voltage_step_mv,
		.current_ma = config->poll.current_step_ma,
		.energy_wh = config->poll.energy_step_wh,
		.rssi_db = config->poll.rssi_step_db,
		.heartbeat_ms = config->poll.heartbeat_ms,
	};
	is_robbed = find_robbed(bridge);
	store_unclaim(bridge->store);
	devices = match(bridge, is_robbed, &kept);
	close_others(bridge);
	log_info("bridge: %zu devices, %zu of them new", config->device_count,
		config->device_count - kept);
	free(bridge->devices);
	bridge->devices = devices;
	bridge->device_count = config->device_count;
	for (size_t i = 0; i < config->device_count; i++) {
		if (devices[i]) {
			adjust(bridge, devices[i], &config->devices[i]);
		} else {
			devices[i] = create(bridge, &config->devices[i], is_robbed[i]);
			start_device(bridge, i);
		}
	}
	free(is_robbed);
	index_outlets(bridge);
	claim_topics(bridge);
	announcer_configure(
		bridge->announcer, &config->homeassistant, bridge->devices, bridge->device_count);
	publisher_mark_document(bridge->publisher, DOCUMENT_INFO);
	publisher_mark_document(bridge->publisher, DOCUMENT_INVENTORY);
	finder_refresh(bridge->finder);
	config_forget_devices(bridge->config);
	bridge->settle_at_ms = uv_now(&bridge->loop) + SETTLE_MS;
}

static bool is_same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What the subscription to Home Assistant's status hangs on. */
static const char *status_prefix(const struct config *config)
{
	return config->homeassistant.discovery == CONFIG_HA_OFF ? NULL
								: config->homeassistant.prefix;
}

/* True when the connection to the broker can go on. */
static bool is_same_broker(const struct config *a, const struct config *b)
{
	const char *const pairs[][2] = {
		{ a->broker.host, b->broker.host },
		{ a->broker.client_id, b->broker.client_id },
		{ a->broker.username, b->broker.username },
		{ a->broker.password, b->broker.password },
		{ a->broker.tls.ca_file, b->broker.tls.ca_file },
		{ a->broker.tls.cert_file, b->broker.tls.cert_file },
		{ a->broker.tls.key_file, b->broker.tls.key_file },
		{ a->bridge.id, b->bridge.id },
		{ a->bridge.base_topic, b->bridge.base_topic },
		{ status_prefix(a), status_prefix(b) },
	};
	bool is_same = a->broker.port == b->broker.port &&
		       a->broker.protocol == b->broker.protocol &&
		       a->broker.keepalive_s == b->broker.keepalive_s &&
		       a->broker.tls.is_used == b->broker.tls.is_used;

	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		is_same = is_same && is_same_text(pairs[i][0], pairs[i][1]);
	}
	return is_same;
}

void bridge_log_problems(const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];

		if (problem->is_error && problem->line > 0) {
			log_warn("%s:%d: %s%s%s", problem->file, problem->line, problem->key,
				problem->key[0] != '\0' ? ": " : "", problem->text);
		} else if (problem->is_error) {
			log_warn("%s: %s", problem->file, problem->text);
		}
	}
}

/* The first error in words: "file:12: poll.interval_s: ..." (caller frees). */
static char *first_error(const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];

		if (problem->is_error && problem->line > 0) {
			return mem_printf("%s:%d: %s%s%s", problem->file, problem->line,
				problem->key, problem->key[0] != '\0' ? ": " : "", problem->text);
		}
		if (problem->is_error) {
			return mem_printf("%s: %s", problem->file, problem->text);
		}
	}
	return NULL;
}

/* What keeps a good configuration from being used while the bridge runs, in words (caller frees);
 * NULL for nothing. */
static char *find_obstacle(const struct bridge *bridge, const struct config *new)
{
	const struct config *old = bridge->config;
	char *zone = zone_problem(&new->time);
	char *words = NULL;

	if (!is_same_text(new->bridge.state_dir, old->bridge.state_dir)) {
		words = mem_printf(
			"%s: bridge.state_dir changes only with a restart", bridge->config_file);
	} else if (!is_same_text(new->time.zone, old->time.zone)) {
		words = mem_printf(
			"%s: time.zone changes only with a restart", bridge->config_file);
	} else if (zone) {
		words = mem_printf("%s: %s", bridge->config_file, zone);
	}
	free(zone);
	return words;
}

char *bridge_check(const struct bridge *bridge)
{
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char *problem = NULL;

	if (config_load(bridge->config_file, &config, &problems)) {
		problem = zone_problem(&config->time);
	} else {
		problem = first_error(&problems);
	}
	config_free(config);
	config_problems_clear(&problems);
	return problem;
}

char *bridge_reload(struct bridge *bridge)
{
	char *problem = NULL;
	struct config_problems problems = { 0 };
	struct config *old = bridge->config;
	struct config *new = NULL;

	if (!config_load(bridge->config_file, &new, &problems)) {
		bridge_log_problems(&problems);
		log_warn("%s has problems: the configuration before it stays in use",
			bridge->config_file);
		problem = first_error(&problems);
	} else if ((problem = find_obstacle(bridge, new))) {
		log_warn("%s; nothing was changed", problem);
		config_free(new);
	} else {
		log_info("bridge: reading %s again", bridge->config_file);
		bridge->config = new;
		if (!is_same_broker(old, new)) {
			bridge_reconnect(bridge);
		}
		bridge_apply_devices(bridge);
		timekeeper_configure(bridge);
		config_free(old);
		publisher_pump(bridge->publisher);
	}
	config_problems_clear(&problems);
	return problem;
}
