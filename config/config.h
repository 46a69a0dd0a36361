/* config.h - plugbridge.cfg as plain structs, checked.
 *
 * Source: the key table in config/keys.c, which also makes the reference in the README and holds
 * the example file to it. Knows nothing of MQTT or devices. */
#ifndef PLUG_CONFIG_CONFIG_H
#define PLUG_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	CONFIG_NAME_MAX_BYTES = 32, /* [a-z0-9_-]{1,32} */
	CONFIG_MAC_BYTES = 6,
	CONFIG_OUTLETS_MAX = 16,
};

struct config_tls {
	bool is_used;
	char *ca_file, *cert_file, *key_file; /* "" when not set; ca_file "" means the system's */
};

struct config_broker {
	char *host;
	int port;
	int protocol; /* 5, or 4 for MQTT 3.1.1 */
	char *client_id;
	int keepalive_s;
	char *username;	     /* "" for none */
	char *password_file; /* "" for none */
	char *password;	     /* read from password_file; NULL for none */
	struct config_tls tls;
};

struct config_bridge {
	char *id;
	char *base_topic; /* no wildcards, no leading or trailing slash */
	int command_ttl_s;
	bool clear_retained_set;
	char *state_dir;
};

struct config_poll {
	uint64_t interval_ms, heartbeat_ms, timeout_ms;
	int64_t power_step_mw, voltage_step_mv, current_step_ma, energy_step_wh;
	int rssi_step_db;
};

/* One thing that switches. */
struct config_outlet {
	char *name;
	char *label; /* the name when not set */
	char *room;  /* the device's when not set */
};

/* One box with an address. A plug has one outlet, named as the device. */
struct config_device {
	char *name;
	char *label; /* the name when not set */
	char *room;  /* "" when not set */
	char *host;  /* "" when it is to be found by its MAC or alias */
	char *alias; /* the name it keeps itself; "" when not set */
	uint16_t port;
	bool has_mac;
	uint8_t mac[CONFIG_MAC_BYTES];
	uint64_t poll_ms; /* its own, or poll.interval_s */
	char *ha_id;	  /* what Home Assistant knows it by, instead of its MAC; "" when not set */
	bool has_outlets; /* outlets were named: the device is a strip */
	struct config_outlet *outlets;
	size_t outlet_count;
	int line; /* in the file, for messages */
};

/* Where devices are searched for. */
struct config_discovery {
	char **broadcast; /* dotted addresses; none: never */
	size_t broadcast_count;
	char *interface; /* "" for any */
	uint16_t port;	 /* UDP */
};

/* The devices' clocks. */
struct config_time {
	bool sync;  /* the bridge sets them */
	char *zone; /* IANA name that this machine knows; "" when not set, and then not sync */
};

enum config_homeassistant_form { CONFIG_HA_OFF, CONFIG_HA_DEVICE, CONFIG_HA_COMPONENTS };

struct config_homeassistant {
	enum config_homeassistant_form discovery;
	char *prefix;
};

struct config {
	struct config_broker broker;
	struct config_bridge bridge;
	struct config_poll poll;
	struct config_homeassistant homeassistant;
	struct config_discovery discovery;
	struct config_time time;
	struct config_device *devices;
	size_t device_count;
};

/* One problem, or one piece of advice, in words a user can act on. */
struct config_problem {
	bool is_error; /* false: advice; the file may be used */
	char *file;
	int line;   /* 0 when it belongs to the whole file */
	char *key;  /* "poll.interval_s", "devices[2].host"; "" for the whole file */
	char *text; /* what is wrong and what was expected */
};

struct config_problems {
	struct config_problem *items;
	size_t count;
	size_t error_count;
};

/* Reads and checks file. Gives *config (free with config_free) when there is no error, NULL
 * otherwise; problems, which starts zeroed, collects everything found in one run, in file order
 * (clear with config_problems_clear). Running out of memory ends the program with a message. */
bool config_load(const char *file, struct config **config, struct config_problems *problems);
/* The same for a program that never goes to the broker: files with passwords and keys are neither
 * read nor asked for, because its user may not be allowed to; broker.password is NULL. */
bool config_load_without_secrets(
	const char *file, struct config **config, struct config_problems *problems);
void config_free(struct config *config);
/* Frees the devices alone, for a program that has copied what it needs of them. */
void config_forget_devices(struct config *config);
void config_problems_clear(struct config_problems *problems);

/* "file:line: key: text", one line for each problem; advice says so before its text. */
void config_problems_print(const struct config_problems *problems, FILE *out);

/* True when the name is [a-z0-9_-]{1,32}. */
bool config_name_is_valid(const char *name);

#endif
