/* What is known of the device that is replaced. */
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "bridge/replace/replace.h"
#include "config/known.h"
#include "config/text/file.h"

static void read_kept(struct replacement *replacement)
{
	char *path =
		config_known_file(replacement->config->bridge.state_dir, replacement->device->name);
	const struct config_device *device = replacement->device;
	struct plug_snapshot *old = &replacement->old;
	struct config_file file;

	if (config_file_read(path, PLUG_SNAPSHOT_MAX_BYTES, &file) &&
		plug_snapshot_parse(file.bytes, file.size, old) == PLUG_OK && device->has_mac &&
		!(old->has_mac && memcmp(old->mac, device->mac, sizeof old->mac) == 0)) {
		plug_snapshot_clear(old);
	}
	config_file_clear(&file);
	free(path);
}

/* What the owner has written down. */
static void guess(struct replacement *replacement)
{
	const struct config_device *device = replacement->device;
	struct plug_snapshot *old = &replacement->old;

	old->family = device->has_outlets ? PLUG_FAMILY_STRIP : PLUG_FAMILY_UNSUPPORTED;
	old->outlet_count = device->outlet_count;
	plug_snapshot_copy_text(old->alias, sizeof old->alias, device->label);
	for (size_t i = 0; i < device->outlet_count; i++) {
		plug_snapshot_copy_text(old->outlets[i].alias, sizeof old->outlets[i].alias,
			device->outlets[i].label);
	}
}

static void set_old_mac(struct replacement *replacement)
{
	const struct config_device *device = replacement->device;
	const struct plug_snapshot *old = &replacement->old;

	replacement->has_old_mac = device->has_mac || old->has_mac;
	memcpy(replacement->old_mac, device->has_mac ? device->mac : old->mac,
		sizeof replacement->old_mac);
}

void replacement_prepare(struct replacement *replacement)
{
	struct config_problems problems = { 0 };
	bool is_outlet = false;

	if (!config_load_without_secrets(
		    replacement->config_file, &replacement->config, &problems)) {
		replacement->problem =
			mem_copy("the configuration has errors: plugbridge --check shows them");
	} else {
		replacement->device =
			config_replace_find(replacement->config, replacement->name, &is_outlet);
	}
	config_problems_clear(&problems);
	if (replacement->problem) {
		return;
	}
	if (!replacement->device || is_outlet) {
		replacement->problem = mem_printf(is_outlet ? "\"%s\" is an outlet: name its strip"
							    : "there is no device \"%s\"",
			replacement->name);
		return;
	}
	read_kept(replacement);
	if (replacement->old.taken_s == 0) {
		guess(replacement);
	}
	set_old_mac(replacement);
}
