/* config_fuzz.c - any bytes as a configuration file.
 *
 * Two things must hold: config_load neither crashes nor leaks and gives only what config.h
 * promises; and the flat text the scan makes is to libconfig what the bytes themselves are, but
 * for the integers libconfig would cut. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libconfig.h>

#include "config/config.h"
#include "config/text/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/config_fuzz_XXXXXX";

static void remove_file(void)
{
	unlink(path);
}

static void demand(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "does not hold: %s\n", what);
		abort();
	}
}

static void write_file(const uint8_t *data, size_t size)
{
	static int descriptor = -1;

	if (descriptor < 0) {
		descriptor = mkstemp(path);
		demand(descriptor >= 0, "a temporary file can be made");
		atexit(remove_file);
	}
	demand(ftruncate(descriptor, 0) == 0, "the file can be emptied");
	demand(pwrite(descriptor, data, size, 0) == (ssize_t)size, "the file can be written");
}

static void check_device(const struct config_device *device)
{
	demand(config_name_is_valid(device->name), "a device has a name");
	demand(device->host[0] != '\0' || device->has_mac, "a device has a host or a MAC");
	demand(device->port > 0 && device->poll_ms >= 200, "a device has its numbers");
	demand(device->outlet_count >= 1 && device->outlet_count <= CONFIG_OUTLETS_MAX,
		"a device has outlets");
	for (size_t i = 0; i < device->outlet_count; i++) {
		demand(config_name_is_valid(device->outlets[i].name), "an outlet has a name");
		demand(device->outlets[i].label[0] != '\0', "an outlet has a label");
		demand(device->outlets[i].room != NULL, "an outlet has a room");
	}
}

static void check_load(void)
{
	struct config *config;
	struct config_problems problems = { 0 };
	bool is_loaded = config_load(path, &config, &problems);

	demand(is_loaded == (problems.error_count == 0), "errors and nothing else refuse a file");
	demand(is_loaded == (config != NULL), "a configuration is given when there is no error");
	for (size_t i = 0; i < problems.count; i++) {
		demand(problems.items[i].text[0] != '\0', "a problem is told in words");
		demand(problems.items[i].line > 0 || !problems.items[i].is_error, "it has a line");
	}
	for (size_t i = 0; config && i < config->device_count; i++) {
		check_device(&config->devices[i]);
	}
	config_problems_clear(&problems);
	config_free(config);
}

static bool is_number(int type)
{
	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

/* Do both trees say the same in the same lines? The lines of strings in lists are the scan's to
 * better. */
static bool is_same(const config_setting_t *a, const config_setting_t *b)
{
	int type = config_setting_type(a);
	bool is_listed = a->parent && !config_setting_is_group(a->parent);

	if (is_number(type) && is_number(config_setting_type(b))) {
		return type == CONFIG_TYPE_INT64 || config_setting_type(b) == CONFIG_TYPE_INT64 ||
		       config_setting_get_int(a) == config_setting_get_int(b);
	}
	if (type != config_setting_type(b) ||
		config_setting_length(a) != config_setting_length(b)) {
		return false;
	}
	if (config_setting_source_line(a) != config_setting_source_line(b) && !is_listed) {
		return false;
	}
	for (int i = 0; config_setting_is_aggregate(a) && i < config_setting_length(a); i++) {
		if (!is_same(config_setting_get_elem(a, (unsigned int)i),
			    config_setting_get_elem(b, (unsigned int)i))) {
			return false;
		}
	}
	return type != CONFIG_TYPE_STRING ||
	       strcmp(config_setting_get_string(a), config_setting_get_string(b)) == 0;
}

/* An array may lose its one type when one of its integers is kept whole. */
static bool has_array(const char *text)
{
	return strchr(text, '[') != NULL;
}

static void check_scan(const uint8_t *data, size_t size)
{
	struct config_text text;
	config_t raw_tree;
	config_t flat_tree;
	/* libconfig takes a last comment only with a line end. */
	char *raw = calloc(1, size + 2);

	demand(raw != NULL, "there is memory");
	memcpy(raw, data, size);
	raw[size] = '\n';
	config_text_scan(path, &text);
	config_init(&raw_tree);
	config_init(&flat_tree);
	bool is_comparable = !text.stop && !strchr(raw, '@') &&
			     strncmp(raw, "\xEF\xBB\xBF", 3) != 0 && !has_array(raw);
	if (is_comparable) {
		int raw_result = config_read_string(&raw_tree, raw);
		int flat_result = config_read_string(&flat_tree, text.text);
		demand(raw_result == flat_result, "both texts are read or refused");
		demand(raw_result == CONFIG_FALSE || is_same(config_root_setting(&raw_tree),
							     config_root_setting(&flat_tree)),
			"both texts mean the same");
	}
	config_destroy(&raw_tree);
	config_destroy(&flat_tree);
	config_text_clear(&text);
	free(raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	write_file(data, size);
	check_load();
	check_scan(data, size);
	return 0;
}
