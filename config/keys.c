#include "config/keys.h"

#include <string.h>

#include "config/config.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Bounds that nobody meets in earnest. They keep a mistake out of topics, logs and packets. */
enum {
	TEXT_MAX = 1024,
	LABEL_MAX = 128,
	TOPIC_MAX = 200,
	HOST_MAX = 253,
	MAC_MAX = sizeof("50:C7:BF:00:00:01") - 1,
	HA_ID_MAX = 32,
	PORT_MAX = 65535,
	INTERFACE_MAX = 15, /* of Linux */
	ZONE_MAX = 64,
};

static const char *const discovery_choices[] = {
	[CONFIG_HA_OFF] = "off",
	[CONFIG_HA_DEVICE] = "device",
	[CONFIG_HA_COMPONENTS] = "components",
	NULL,
};

static const struct config_key tls_items[] = {
	{ .name = "ca_file",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_tls, ca_file),
		.max = TEXT_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "certificates the broker's is checked against; \"\" takes the system's" },
	{ .name = "cert_file",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_tls, cert_file),
		.max = TEXT_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "certificate of this client, where the broker wants one" },
	{ .name = "key_file",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_tls, key_file),
		.max = TEXT_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "key of that certificate" },
};
static const struct config_keys tls_keys = { tls_items, COUNT_OF(tls_items) };

static const struct config_key broker_items[] = {
	{ .name = "host",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_broker, host),
		.min = 1,
		.max = HOST_MAX,
		.form = &config_form_host,
		.initial = "localhost",
		.help = "where the MQTT broker is" },
	{ .name = "port",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_broker, port),
		.min = 1,
		.max = PORT_MAX,
		.scale = 1,
		.initial = "1883",
		.initial_note = "8883 with tls",
		.help = "the broker's TCP port" },
	{ .name = "protocol",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_broker, protocol),
		.min = 4,
		.max = 5,
		.scale = 1,
		.initial = "5",
		.help = "5 for MQTT 5, 4 for MQTT 3.1.1" },
	{ .name = "client_id",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_broker, client_id),
		.min = 1,
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial_note = "plugbridge- and bridge.id",
		.help = "name of the connection; no two clients of a broker may share one" },
	{ .name = "keepalive_s",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_broker, keepalive_s),
		.min = 1,
		.max = 65535,
		.scale = 1,
		.initial = "10",
		.help = "seconds of silence until the broker is asked for a sign of life" },
	{ .name = "username",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_broker, username),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "user at the broker; \"\" for none" },
	{ .name = "password_file",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_broker, password_file),
		.max = TEXT_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "file that holds the password and that others cannot read; \"\" for none" },
	{ .name = "tls",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config_broker, tls),
		.members = &tls_keys,
		.initial_note = "no encryption",
		.help = "its presence, even as { }, turns TLS on" },
};
static const struct config_keys broker_keys = { broker_items, COUNT_OF(broker_items) };

static const struct config_key bridge_items[] = {
	{ .name = "id",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_bridge, id),
		.min = 1,
		.max = CONFIG_NAME_MAX_BYTES,
		.form = &config_form_name,
		.initial = "main",
		.help = "tells several bridges on one broker apart" },
	{ .name = "base_topic",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_bridge, base_topic),
		.min = 1,
		.max = TOPIC_MAX,
		.form = &config_form_topic,
		.initial = "museum",
		.help = "what every topic starts with; may contain \"/\"" },
	{ .name = "command_ttl_s",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_bridge, command_ttl_s),
		.min = 1,
		.max = 3600,
		.scale = 1,
		.initial = "30",
		.help = "seconds a command is tried before it expires" },
	{ .name = "clear_retained_set",
		.type = CONFIG_KEY_BOOL,
		.offset = offsetof(struct config_bridge, clear_retained_set),
		.initial = "true",
		.help = "clear retained commands; with MQTT 5 they are refused, never executed" },
	{ .name = "state_dir",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_bridge, state_dir),
		.min = 1,
		.max = TEXT_MAX,
		.form = &config_form_any,
		.initial = "/var/lib/plugbridge",
		.help = "folder for what is remembered between two runs" },
};
static const struct config_keys bridge_keys = { bridge_items, COUNT_OF(bridge_items) };

static const struct config_key poll_items[] = {
	{ .name = "interval_s",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_poll, interval_ms),
		.min = 0.2,
		.max = 3600,
		.scale = 1000,
		.store = CONFIG_STORE_U64,
		.initial = "5.0",
		.help = "seconds between two reads of a device" },
	{ .name = "heartbeat_s",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_poll, heartbeat_ms),
		.min = 1,
		.max = 86400,
		.scale = 1000,
		.store = CONFIG_STORE_U64,
		.initial = "60",
		.help = "seconds after which readings are published even when they did not "
			"change" },
	{ .name = "timeout_s",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_poll, timeout_ms),
		.min = 0.1,
		.max = 60,
		.scale = 1000,
		.store = CONFIG_STORE_U64,
		.initial = "4.0",
		.help = "seconds a device has to take a connection and answer" },
	{ .name = "power_step_w",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_poll, power_step_mw),
		.max = 10000,
		.scale = 1000,
		.store = CONFIG_STORE_I64,
		.initial = "0.5",
		.help = "watts the power must move by to be published; 0 for any change" },
	{ .name = "voltage_step_v",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_poll, voltage_step_mv),
		.max = 1000,
		.scale = 1000,
		.store = CONFIG_STORE_I64,
		.initial = "0.5",
		.help = "the same for the voltage, in volts" },
	{ .name = "current_step_ma",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_poll, current_step_ma),
		.max = 100000,
		.scale = 1,
		.store = CONFIG_STORE_I64,
		.initial = "5",
		.help = "the same for the current, in milliamperes" },
	{ .name = "energy_step_wh",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_poll, energy_step_wh),
		.max = 1000000,
		.scale = 1,
		.store = CONFIG_STORE_I64,
		.initial = "1",
		.help = "the same for the energy, in watt-hours" },
	{ .name = "rssi_step_db",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_poll, rssi_step_db),
		.max = 100,
		.scale = 1,
		.initial = "3",
		.help = "the same for the Wi-Fi signal, in decibels" },
};
static const struct config_keys poll_keys = { poll_items, COUNT_OF(poll_items) };

static const struct config_key homeassistant_items[] = {
	{ .name = "discovery",
		.type = CONFIG_KEY_CHOICE,
		.offset = offsetof(struct config_homeassistant, discovery),
		.choices = discovery_choices,
		.initial = "device",
		.help = "what Home Assistant is told: one message for each device, one for each "
			"component (for openHAB before 5.2 and Home Assistant before 2024.12), "
			"or nothing" },
	{ .name = "prefix",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_homeassistant, prefix),
		.min = 1,
		.max = TOPIC_MAX,
		.form = &config_form_topic,
		.initial = "homeassistant",
		.help = "the discovery prefix set in Home Assistant; its start is heard of there, "
			"too" },
};
static const struct config_keys homeassistant_keys = { homeassistant_items,
	COUNT_OF(homeassistant_items) };

static const struct config_key discovery_items[] = {
	{ .name = "broadcast",
		.type = CONFIG_KEY_TEXTS,
		.offset = offsetof(struct config_discovery, broadcast),
		.count_offset = offsetof(struct config_discovery, broadcast_count),
		.max = 64,
		.form = &config_form_ipv4,
		.initial = "255.255.255.255",
		.help = "where devices are searched for that have no host or do not answer there; "
			"( ) for never" },
	{ .name = "interface",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_discovery, interface),
		.max = INTERFACE_MAX,
		.form = &config_form_interface,
		.initial = "",
		.help = "network interface of the search; \"\" for any" },
	{ .name = "port",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_discovery, port),
		.min = 1,
		.max = PORT_MAX,
		.scale = 1,
		.store = CONFIG_STORE_U16,
		.initial = "9999",
		.help = "UDP port that devices answer a search on" },
};
static const struct config_keys discovery_keys = { discovery_items, COUNT_OF(discovery_items) };

static const struct config_key time_items[] = {
	{ .name = "sync",
		.type = CONFIG_KEY_BOOL,
		.offset = offsetof(struct config_time, sync),
		.initial = "false",
		.help = "set the clocks of the devices; needs a zone" },
	{ .name = "zone",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_time, zone),
		.max = ZONE_MAX,
		.form = &config_form_zone,
		.initial = "",
		.help = "time zone of the devices, such as \"Australia/Sydney\"; \"\" takes this "
			"machine's" },
};
static const struct config_keys time_keys = { time_items, COUNT_OF(time_items) };

static const struct config_key outlet_items[] = {
	{ .name = "name",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_outlet, name),
		.min = 1,
		.max = CONFIG_NAME_MAX_BYTES,
		.form = &config_form_name,
		.is_required = true,
		.help = "name of the outlet in topics; no other device or outlet may have it" },
	{ .name = "label",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_outlet, label),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial_note = "the outlet's name",
		.help = "name of the outlet for people" },
	{ .name = "room",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_outlet, room),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial_note = "the device's room",
		.help = "where it is" },
};
static const struct config_keys outlet_keys = { outlet_items, COUNT_OF(outlet_items) };

static const struct config_key device_items[] = {
	{ .name = "name",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, name),
		.min = 1,
		.max = CONFIG_NAME_MAX_BYTES,
		.form = &config_form_name,
		.is_required = true,
		.help = "name of the plug in topics; no other device or outlet may have it" },
	{ .name = "host",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, host),
		.max = HOST_MAX,
		.form = &config_form_host,
		.initial = "",
		.initial_note = "the device is searched for",
		.help = "where the device is; it, mac or alias must be given" },
	{ .name = "port",
		.type = CONFIG_KEY_INT,
		.offset = offsetof(struct config_device, port),
		.min = 1,
		.max = PORT_MAX,
		.scale = 1,
		.store = CONFIG_STORE_U16,
		.initial = "9999",
		.help = "the device's TCP port" },
	{ .name = "mac",
		.type = CONFIG_KEY_MAC,
		.max = MAC_MAX,
		.form = &config_form_mac,
		.initial_note = "any device on that host is trusted",
		.help = "the device's identity: another device on its address gets no orders" },
	{ .name = "alias",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, alias),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "the name the device keeps itself, by which it is found the first time" },
	{ .name = "label",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, label),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial_note = "the device's name",
		.help = "name of the device for people" },
	{ .name = "room",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, room),
		.max = LABEL_MAX,
		.form = &config_form_any,
		.initial = "",
		.help = "where it is" },
	{ .name = "poll_s",
		.type = CONFIG_KEY_NUMBER,
		.offset = offsetof(struct config_device, poll_ms),
		.min = 0.2,
		.max = 3600,
		.scale = 1000,
		.store = CONFIG_STORE_U64,
		.initial_note = "poll.interval_s",
		.help = "seconds between two reads of this device" },
	{ .name = "ha_id",
		.type = CONFIG_KEY_TEXT,
		.offset = offsetof(struct config_device, ha_id),
		.max = HA_ID_MAX,
		.form = &config_form_ha_id,
		.initial = "",
		.initial_note = "the MAC",
		.help = "what Home Assistant knows the device by: the MAC of the one that it "
			"replaced" },
	{ .name = "outlets",
		.type = CONFIG_KEY_GROUPS,
		.offset = offsetof(struct config_device, outlets),
		.count_offset = offsetof(struct config_device, outlet_count),
		.item_bytes = sizeof(struct config_outlet),
		.min = 1,
		.max = CONFIG_OUTLETS_MAX,
		.members = &outlet_keys,
		.shorthand = "name",
		.initial_note = "one outlet, named as the device",
		.help = "the outlets of a strip, in their order on it" },
};
static const struct config_keys device_keys = { device_items, COUNT_OF(device_items) };

static const struct config_key root_items[] = {
	{ .name = "broker",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, broker),
		.members = &broker_keys,
		.help = "the MQTT broker" },
	{ .name = "bridge",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, bridge),
		.members = &bridge_keys,
		.help = "this bridge" },
	{ .name = "poll",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, poll),
		.members = &poll_keys,
		.help = "how devices are read and when readings are published" },
	{ .name = "homeassistant",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, homeassistant),
		.members = &homeassistant_keys,
		.help = "Home Assistant's discovery" },
	{ .name = "discovery",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, discovery),
		.members = &discovery_keys,
		.help = "the search for devices" },
	{ .name = "time",
		.type = CONFIG_KEY_GROUP,
		.offset = offsetof(struct config, time),
		.members = &time_keys,
		.help = "the clocks of the devices" },
	{ .name = "devices",
		.type = CONFIG_KEY_GROUPS,
		.offset = offsetof(struct config, devices),
		.count_offset = offsetof(struct config, device_count),
		.item_bytes = sizeof(struct config_device),
		.members = &device_keys,
		.initial_note = "none",
		.help = "the plugs and strips" },
};
const struct config_keys config_root_keys = { root_items, COUNT_OF(root_items) };

const struct config_key *config_key_find(const struct config_keys *keys, const char *name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->items[i].name, name) == 0) {
			return &keys->items[i];
		}
	}
	return NULL;
}

enum { NAME_MAX_BYTES = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must be inserted, dropped or changed to make b of a. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1];
	size_t width = strlen(b);

	if (strlen(a) > NAME_MAX_BYTES || width > NAME_MAX_BYTES) {
		return NAME_MAX_BYTES;
	}
	for (size_t k = 0; k <= width; k++) {
		row[k] = k;
	}
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t k = 1; k <= width; k++) {
			size_t changed = diagonal + (a[i] != b[k - 1]);
			diagonal = row[k];
			row[k] = least(changed, least(row[k], row[k - 1]) + 1);
		}
	}
	return row[width];
}

/* "password" for "password_file", "interval" for "interval_s". */
static bool starts_alike(const char *a, const char *b)
{
	size_t shorter = least(strlen(a), strlen(b));

	return shorter >= 3 && strncmp(a, b, shorter) == 0;
}

const struct config_key *config_key_suggest(const struct config_keys *keys, const char *name)
{
	const struct config_key *best = NULL;
	size_t best_distance = 1 + strlen(name) / 3;

	for (size_t i = 0; i < keys->count; i++) {
		const struct config_key *key = &keys->items[i];
		size_t far = starts_alike(name, key->name) ? 1 : distance(name, key->name);
		if (far <= best_distance && (!best || far < best_distance)) {
			best = key;
			best_distance = far;
		}
	}
	return best;
}
