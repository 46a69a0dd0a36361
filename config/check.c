#include "config/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/claims.h"
#include "config/forms.h"
#include "config/password.h"
#include "config/text/file.h"
#include "config/text/memory.h"

/* Everything a check needs. */
struct check {
	const config_t *tree;
	struct config *config;
	struct config_report *report;
};

/* The place of a key outside lists; that of its group when the key is not in the file, and the
 * whole file when the group is not there either. */
static struct config_place place_of(const struct check *check, const char *key)
{
	char *path = config_copy(key);
	const config_setting_t *setting = config_lookup(check->tree, path);

	for (char *dot = strrchr(path, '.'); !setting && dot; dot = strrchr(path, '.')) {
		*dot = '\0';
		setting = config_lookup(check->tree, path);
	}
	free(path);
	return (struct config_place) {
		.name = key,
		.line = setting ? (int)config_setting_source_line(setting) : 0,
	};
}

static void check_file(const struct check *check, const char *key, const char *file)
{
	char *problem = file[0] ? config_file_problem(file) : NULL;

	if (problem) {
		struct config_place place = place_of(check, key);
		config_report_error(check->report, &place, "\"%s\" %s", file, problem);
	}
	free(problem);
}

/* A certificate is of no use without its key, nor a key without its certificate. */
static void check_pair(const struct check *check, const struct config_tls *tls)
{
	bool has_cert = tls->cert_file[0] != '\0';
	bool has_key = tls->key_file[0] != '\0';

	if (has_cert != has_key) {
		struct config_place place =
			place_of(check, has_cert ? "broker.tls.key_file" : "broker.tls.cert_file");
		config_report_error(check->report, &place,
			"is missing: %s is set, and both are needed",
			has_cert ? "cert_file" : "key_file");
	}
}

static void check_tls(const struct check *check)
{
	const struct config_tls *tls = &check->config->broker.tls;

	check_file(check, "broker.tls.ca_file", tls->ca_file);
	check_file(check, "broker.tls.cert_file", tls->cert_file);
	check_file(check, "broker.tls.key_file", tls->key_file);
	check_pair(check, tls);
}

static void load_password(const struct check *check)
{
	struct config_broker *broker = &check->config->broker;
	struct config_place place = place_of(check, "broker.password_file");
	char *error = NULL;

	if (broker->password_file[0] == '\0') {
		return;
	}
	if (!config_password_load(broker->password_file, &broker->password, &error)) {
		config_report_error(check->report, &place, "the password file %s", error);
		free(error);
	} else if (broker->username[0] == '\0' && broker->protocol == 4) {
		config_report_error(check->report, &place,
			"MQTT 3.1.1 has no password without a user: set broker.username");
	}
	if (!broker->tls.is_used && !config_host_is_loopback(broker->host)) {
		config_report_advice(check->report, &place,
			"the password crosses the network unencrypted: add tls = { ... } to "
			"broker");
	}
}

static void check_topics(const struct check *check)
{
	const char *base = check->config->bridge.base_topic;
	const char *prefix = check->config->homeassistant.prefix;

	if (!config_topic_is_under(base, prefix)) {
		return;
	}
	if (config_lookup(check->tree, "bridge.base_topic")) {
		struct config_place place = place_of(check, "bridge.base_topic");
		config_report_error(check->report, &place,
			"must not lie under homeassistant.prefix \"%s\"", prefix);
	} else {
		struct config_place place = place_of(check, "homeassistant.prefix");
		config_report_error(check->report, &place,
			"bridge.base_topic, here \"%s\", must not lie under it", base);
	}
}

/* Is the setting in the file, and not ""? A value that was refused has its own problem. */
static bool is_given(const config_setting_t *group, const char *name)
{
	const config_setting_t *setting = config_setting_get_member(group, name);
	const char *text = setting ? config_setting_get_string(setting) : NULL;

	return setting && !(text && text[0] == '\0');
}

/* A device must say where it is or how to find it, and should say who it is. */
static void check_device(
	const struct check *check, const config_setting_t *device, const struct config_place *place)
{
	bool has_host = is_given(device, "host");
	bool has_mac = is_given(device, "mac");

	if (!has_host && !has_mac && !is_given(device, "alias")) {
		config_report_error(check->report, place,
			"must have a host (\"192.168.1.145\"), a mac (\"50:C7:BF:00:00:01\"), an "
			"alias (\"Steam engine\") or several of them");
	} else if (!has_host && check->config->discovery.broadcast_count == 0) {
		config_report_advice(check->report, place,
			"has no host and is never found: discovery.broadcast is empty");
	} else if (!has_host && !has_mac) {
		config_report_advice(check->report, place,
			"pin the MAC: any device can have this alias, and the first that is found "
			"is taken");
	} else if (!has_mac) {
		config_report_advice(check->report, place,
			"pin the MAC: with mac = \"...\" no other device that gets this address "
			"can "
			"be switched in its place");
	}
}

static void check_devices(const struct check *check)
{
	const config_setting_t *list = config_lookup(check->tree, "devices");
	struct config_place above = { .name = "devices" };

	for (size_t i = 0; i < check->config->device_count; i++) {
		const config_setting_t *device = config_setting_get_elem(list, (unsigned int)i);
		struct config_place place = {
			.up = &above, .index = i, .line = (int)config_setting_source_line(device)
		};
		if (config_setting_is_group(device)) {
			check_device(check, device, &place);
		}
	}
}

/* Gives the file that describes a zone; TZDIR is the C library's own word for another folder (free
 * with free). */
static char *zone_file(const char *zone)
{
	const char *folder = getenv("TZDIR");

	return config_format("%s/%s", folder ? folder : "/usr/share/zoneinfo", zone);
}

/* The C library takes UTC without a word for a zone it does not know. */
static bool is_known_zone(const char *zone)
{
	static const char magic[] = { 'T', 'Z', 'i', 'f' };
	char start[sizeof(magic)] = { 0 };
	char *path = zone_file(zone);
	FILE *file = fopen(path, "re");
	bool is_known = file && fread(start, sizeof(start), 1, file) == 1 &&
			memcmp(start, magic, sizeof(magic)) == 0;

	if (file) {
		(void)fclose(file);
	}
	free(path);
	return is_known;
}

static void check_time(const struct check *check)
{
	const struct config_time *time = &check->config->time;
	struct config_place place = place_of(check, "time.zone");

	if (time->zone[0] == '\0' && time->sync) {
		config_report_error(check->report, &place,
			"is missing: time.sync is set, and the clocks show the time of a zone such "
			"as \"Europe/Amsterdam\"");
	} else if (time->zone[0] != '\0' && !is_known_zone(time->zone)) {
		config_report_error(check->report, &place,
			"\"%s\" is not in this machine's time zone database: \"timedatectl "
			"list-timezones\" lists it, the package tzdata brings it",
			time->zone);
	}
}

void config_check_without_secrets(
	const config_t *tree, struct config *config, struct config_report *report)
{
	const struct check check = { tree, config, report };

	check_topics(&check);
	check_time(&check);
	check_devices(&check);
	config_claims_check(tree, config, report);
}

void config_check(const config_t *tree, struct config *config, struct config_report *report)
{
	const struct check check = { tree, config, report };

	check_tls(&check);
	load_password(&check);
	config_check_without_secrets(tree, config, report);
}
