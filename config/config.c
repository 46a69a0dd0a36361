#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "config/check.h"
#include "config/derive.h"
#include "config/read.h"
#include "config/report.h"
#include "config/text/doubled.h"
#include "config/text/file.h"
#include "config/text/memory.h"
#include "config/text/scan.h"

/* The end of the text is behind its last line; what is missing there was begun before. */
static void report_end(const struct config_text *text, struct config_report *report)
{
	int open_line = config_outline_open_line(&text->outline);
	struct config_place place = { .line = open_line ? open_line : text->last_line };

	config_report_error(report, &place, "%s",
		open_line ? "syntax error: the bracket opened here is never closed"
			  : "syntax error: the file ends where more is expected");
}

/* Says in a user's words what libconfig says of a text. */
static const char *explain(const char *reason)
{
	static const struct {
		const char *reason, *words;
	} known[] = {
		{ "mismatched element type in array",
			"the elements of an array [ ... ] must all be of one type" },
		{ "memory exhausted", "brackets are nested too deep" },
	};

	for (size_t i = 0; reason && i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(reason, known[i].reason) == 0) {
			return known[i].words;
		}
	}
	return "syntax error: look for a missing quote, bracket or \"=\" in this line and the one "
	       "before it";
}

/* Reports what kept libconfig from reading the text: the end of the scan, a setting given twice,
 * or a syntax error, behind which nothing can be said of the rest. */
static void report_refusal(
	const config_t *tree, const struct config_text *text, struct config_report *report)
{
	struct config_place place = { .line = config_error_line(tree) };
	const char *reason = config_error_text(tree);

	if (text->stop && place.line >= text->stop_line) {
		place.line = text->stop_line;
		config_report_error(report, &place, "%s", text->stop);
	} else if (place.line > text->last_line) {
		report_end(text, report);
	} else if (reason && strcmp(reason, "duplicate setting name") == 0) {
		config_doubled_report(text, report);
	}
	if (report->error_count == 0) {
		config_report_error(report, &place, "%s", explain(reason));
	}
}

/* Returns true when libconfig has read the text into tree. */
static bool parse(config_t *tree, const struct config_text *text, struct config_report *report)
{
	if (text->stop && text->stop_line == 0) {
		config_report_error(report, NULL, "%s", text->stop);
		return false;
	}
	if (!config_read_string(tree, text->text)) {
		report_refusal(tree, text, report);
		return false;
	}
	return true;
}

static bool load(const char *file, config_check_fn *check, struct config **config,
	struct config_problems *problems)
{
	struct config_text text;
	config_t tree;

	*config = NULL;
	config_text_scan(file, &text);
	struct config_report report = { .text = &text };
	config_init(&tree);
	if (parse(&tree, &text, &report)) {
		*config = config_alloc(1, sizeof(**config));
		config_tree_read(config_root_setting(&tree), *config, &report);
		config_derive(&tree, &text, *config);
		check(&tree, *config, &report);
	}
	config_destroy(&tree);
	config_report_finish(&report, problems);
	config_text_clear(&text);
	if (problems->error_count > 0) {
		config_free(*config);
		*config = NULL;
	}
	return *config != NULL;
}

bool config_load(const char *file, struct config **config, struct config_problems *problems)
{
	return load(file, config_check, config, problems);
}

bool config_load_without_secrets(
	const char *file, struct config **config, struct config_problems *problems)
{
	return load(file, config_check_without_secrets, config, problems);
}

static void free_broker(struct config_broker *broker)
{
	if (broker->password) {
		config_file_wipe(broker->password, strlen(broker->password));
	}
	free(broker->password);
	free(broker->host);
	free(broker->client_id);
	free(broker->username);
	free(broker->password_file);
	free(broker->tls.ca_file);
	free(broker->tls.cert_file);
	free(broker->tls.key_file);
}

static void free_device(struct config_device *device)
{
	for (size_t i = 0; i < device->outlet_count; i++) {
		free(device->outlets[i].name);
		free(device->outlets[i].label);
		free(device->outlets[i].room);
	}
	free(device->outlets);
	free(device->name);
	free(device->label);
	free(device->room);
	free(device->host);
	free(device->alias);
	free(device->ha_id);
}

void config_forget_devices(struct config *config)
{
	for (size_t i = 0; i < config->device_count; i++) {
		free_device(&config->devices[i]);
	}
	free(config->devices);
	config->devices = NULL;
	config->device_count = 0;
}

void config_free(struct config *config)
{
	if (!config) {
		return;
	}
	free_broker(&config->broker);
	free(config->bridge.id);
	free(config->bridge.base_topic);
	free(config->bridge.state_dir);
	free(config->homeassistant.prefix);
	for (size_t i = 0; i < config->discovery.broadcast_count; i++) {
		free(config->discovery.broadcast[i]);
	}
	free(config->discovery.broadcast);
	free(config->discovery.interface);
	free(config->time.zone);
	config_forget_devices(config);
	free(config);
}
