/* settings.h - a checked copy of struct mqtt_options that lives as long as the client. */
#ifndef PLUG_BRIDGE_MQTT_SETTINGS_H
#define PLUG_BRIDGE_MQTT_SETTINGS_H

#include "bridge/mqtt/mqtt.h"

/* Strings that were NULL or "" are NULL, but for will_payload. */
struct settings {
	int port, protocol, keepalive_s;
	bool is_tls;
	char *uri;   /* tcp://host:port or ssl://host:port */
	char *where; /* host:port, for people */
	char *client_id, *username, *password;
	char *ca_file, *cert_file, *key_file;
	char *will_topic, *will_payload;
	char **subscriptions;
	size_t subscription_count;
};

/* What is wrong with the options, static text; NULL when they can be used. */
const char *settings_problem(const struct mqtt_options *options);

/* The caller frees with settings_free; NULL without memory. Options must be without problem. */
struct settings *settings_new(const struct mqtt_options *options);
void settings_free(struct settings *settings);

#endif
