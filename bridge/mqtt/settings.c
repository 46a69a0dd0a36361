#include "bridge/mqtt/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535, KEEPALIVE_MAX_S = 65535 };

static bool is_empty(const char *text)
{
	return !text || text[0] == '\0';
}

static bool has_empty_subscription(const struct mqtt_options *options)
{
	for (size_t i = 0; i < options->subscription_count; i++) {
		if (is_empty(options->subscriptions[i])) {
			return true;
		}
	}
	return false;
}

const char *settings_problem(const struct mqtt_options *options)
{
	const struct mqtt_tls_options *tls = &options->tls;
	const struct {
		bool is_wrong;
		const char *problem;
	} checks[] = {
		{ is_empty(options->host), "the broker's host is missing" },
		{ options->port < 1 || options->port > PORT_MAX,
			"the broker's port is not a port" },
		{ options->protocol != 4 && options->protocol != 5,
			"the protocol is neither 5 nor 4 (MQTT 3.1.1)" },
		{ is_empty(options->client_id), "the client id is missing" },
		{ options->keepalive_s < 1 || options->keepalive_s > KEEPALIVE_MAX_S,
			"the keepalive is not between 1 and 65535 seconds" },
		{ options->protocol == 4 && !is_empty(options->password) &&
				is_empty(options->username),
			"MQTT 3.1.1 knows no password without a user name" },
		{ tls->is_used && is_empty(tls->cert_file) != is_empty(tls->key_file),
			"a TLS certificate needs its key, and a key its certificate" },
		{ has_empty_subscription(options), "a subscription is empty" },
	};

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		if (checks[i].is_wrong) {
			return checks[i].problem;
		}
	}
	return NULL;
}

/* "scheme" "host" ":port", an IPv6 address in brackets. */
static char *join(const char *scheme, const char *host, int port)
{
	const bool is_v6 = strchr(host, ':') && host[0] != '[';
	const size_t size = strlen(scheme) + strlen(host) + sizeof "[]:65535";
	char *text = malloc(size);

	if (text) {
		(void)snprintf(text, size, "%s%s%s%s:%d", scheme, is_v6 ? "[" : "", host,
			is_v6 ? "]" : "", port);
	}
	return text;
}

/* Copies text to *copy, nothing to NULL. Returns false without memory. */
static bool copy(char **copy, const char *text)
{
	*copy = is_empty(text) ? NULL : strdup(text);
	return *copy || is_empty(text);
}

static bool copy_subscriptions(struct settings *settings, const struct mqtt_options *options)
{
	bool ok = true;

	settings->subscriptions = calloc(options->subscription_count + 1, sizeof(char *));
	if (!settings->subscriptions) {
		return false;
	}
	settings->subscription_count = options->subscription_count;
	for (size_t i = 0; i < options->subscription_count; i++) {
		ok = copy(&settings->subscriptions[i], options->subscriptions[i]) && ok;
	}
	return ok;
}

static bool copy_all(struct settings *settings, const struct mqtt_options *options)
{
	const struct mqtt_tls_options *tls = &options->tls;
	const char *payload = options->will_payload;
	bool ok = true;

	settings->uri = join(tls->is_used ? "ssl://" : "tcp://", options->host, options->port);
	settings->where = join("", options->host, options->port);
	settings->will_payload = strdup(payload ? payload : "");
	ok = settings->uri && settings->where && settings->will_payload;
	ok = copy(&settings->client_id, options->client_id) && ok;
	ok = copy(&settings->username, options->username) && ok;
	ok = copy(&settings->password, options->password) && ok;
	ok = copy(&settings->ca_file, tls->ca_file) && ok;
	ok = copy(&settings->cert_file, tls->cert_file) && ok;
	ok = copy(&settings->key_file, tls->key_file) && ok;
	ok = copy(&settings->will_topic, options->will_topic) && ok;
	return copy_subscriptions(settings, options) && ok;
}

struct settings *settings_new(const struct mqtt_options *options)
{
	struct settings *settings = calloc(1, sizeof *settings);

	if (!settings) {
		return NULL;
	}
	settings->port = options->port;
	settings->protocol = options->protocol;
	settings->keepalive_s = options->keepalive_s;
	settings->is_tls = options->tls.is_used;
	if (!copy_all(settings, options)) {
		settings_free(settings);
		return NULL;
	}
	return settings;
}

void settings_free(struct settings *settings)
{
	if (!settings) {
		return;
	}
	for (size_t i = 0; i < settings->subscription_count; i++) {
		free(settings->subscriptions[i]);
	}
	free(settings->subscriptions);
	free(settings->uri);
	free(settings->where);
	free(settings->client_id);
	free(settings->username);
	free(settings->password);
	free(settings->ca_file);
	free(settings->cert_file);
	free(settings->key_file);
	free(settings->will_topic);
	free(settings->will_payload);
	free(settings);
}
