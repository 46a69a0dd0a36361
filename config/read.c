#include "config/read.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/text/memory.h"

/* A setting of the file and where it stands. */
struct item {
	const config_setting_t *setting;
	struct config_place place;
};

typedef void take_fn(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object);

static const char *type_name(const config_setting_t *setting)
{
	static const char *const names[] = {
		[CONFIG_TYPE_NONE] = "nothing",
		[CONFIG_TYPE_GROUP] = "a group",
		[CONFIG_TYPE_INT] = "a whole number",
		[CONFIG_TYPE_INT64] = "a whole number",
		[CONFIG_TYPE_FLOAT] = "a number with a fraction",
		[CONFIG_TYPE_STRING] = "a text in quotes",
		[CONFIG_TYPE_BOOL] = "true or false",
		[CONFIG_TYPE_ARRAY] = "an array",
		[CONFIG_TYPE_LIST] = "a list",
	};

	return names[config_setting_type(setting)];
}

/* Reports that the item is not what the key expects; takes found, which says what it is. */
static void refuse(struct config_report *report, const struct config_key *key,
	const struct item *item, char *found)
{
	char *expected = config_key_expected(key);

	config_report_error(
		report, &item->place, "must be %s%s%s", expected, found[0] ? ", not " : "", found);
	free(expected);
	free(found);
}

static void refuse_type(
	struct config_report *report, const struct config_key *key, const struct item *item)
{
	refuse(report, key, item, config_copy(type_name(item->setting)));
}

/* Gives a value as a message may show it: "" when it is long or holds what a terminal obeys. */
static char *quoted(const char *value)
{
	enum { SHOWN_MAX_BYTES = 64 };

	if (strlen(value) > SHOWN_MAX_BYTES || !config_text_is_clean(value)) {
		return config_copy("");
	}
	return config_format("\"%s\"", value);
}

static void *field_of(const struct config_key *key, void *object)
{
	return (char *)object + key->offset;
}

static void store_number(const struct config_key *key, double value, void *object)
{
	long long scaled = llround(value * key->scale);

	switch (key->store) {
	case CONFIG_STORE_INT:
		*(int *)field_of(key, object) = (int)scaled;
		break;
	case CONFIG_STORE_U16:
		*(uint16_t *)field_of(key, object) = (uint16_t)scaled;
		break;
	case CONFIG_STORE_I64:
		*(int64_t *)field_of(key, object) = scaled;
		break;
	case CONFIG_STORE_U64:
		*(uint64_t *)field_of(key, object) = (uint64_t)scaled;
		break;
	}
}

/* Gives a number as a message shows it. A whole number of 64 bits may be one that was longer. */
static char *shown_number(const config_setting_t *setting)
{
	long long value = config_setting_get_int64(setting);

	if (config_setting_type(setting) == CONFIG_TYPE_FLOAT) {
		return config_format("%.10g", config_setting_get_float(setting));
	}
	if (value == INT64_MAX || value == INT64_MIN) {
		return config_copy("a number of so many digits");
	}
	return config_format("%lld", value);
}

static void take_number(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	int type = config_setting_type(item->setting);
	bool is_whole = type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
	double value = 0;

	if (is_whole) {
		value = (double)config_setting_get_int64(item->setting);
	} else if (type == CONFIG_TYPE_FLOAT && key->type == CONFIG_KEY_NUMBER) {
		value = config_setting_get_float(item->setting);
	} else {
		refuse_type(report, key, item);
		return;
	}
	if (value >= key->min && value <= key->max) {
		store_number(key, value, object);
	} else {
		refuse(report, key, item, shown_number(item->setting));
	}
}

static void take_bool(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	if (config_setting_type(item->setting) != CONFIG_TYPE_BOOL) {
		refuse_type(report, key, item);
		return;
	}
	*(bool *)field_of(key, object) = config_setting_get_bool(item->setting) != 0;
}

static bool fits_form(const struct config_key *key, const char *text)
{
	double length = (double)strlen(text);

	if (length == 0 && key->min == 0) {
		return true;
	}
	return length >= key->min && length <= key->max && key->form->is_valid(text);
}

/* Returns the text of an item, or NULL after reporting why it cannot be taken. */
static const char *checked_text(
	struct config_report *report, const struct config_key *key, const struct item *item)
{
	if (config_setting_type(item->setting) != CONFIG_TYPE_STRING) {
		refuse_type(report, key, item);
		return NULL;
	}
	const char *text = config_setting_get_string(item->setting);
	if (!config_text_is_clean(text)) {
		config_report_error(
			report, &item->place, "must be UTF-8 text without control characters");
		return NULL;
	}
	if (!fits_form(key, text)) {
		refuse(report, key, item, quoted(text));
		return NULL;
	}
	return text;
}

static void store_text(const struct config_key *key, const char *text, void *object)
{
	char **field = field_of(key, object);

	free(*field);
	*field = config_copy(text);
}

static void take_text(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	const char *text = checked_text(report, key, item);

	if (text) {
		store_text(key, text, object);
	}
}

static bool store_choice(const struct config_key *key, const char *word, void *object)
{
	for (int i = 0; key->choices[i]; i++) {
		if (strcmp(key->choices[i], word) == 0) {
			*(enum config_homeassistant_form *)field_of(key, object) =
				(enum config_homeassistant_form)i;
			return true;
		}
	}
	return false;
}

static void take_choice(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	if (config_setting_type(item->setting) != CONFIG_TYPE_STRING) {
		refuse_type(report, key, item);
		return;
	}
	const char *word = config_setting_get_string(item->setting);
	if (!store_choice(key, word, object)) {
		refuse(report, key, item, quoted(word));
	}
}

static void take_mac(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	struct config_device *device = object;
	const char *text = checked_text(report, key, item);

	device->has_mac = text && text[0] != '\0' && config_mac_parse(text, device->mac);
}

/* Returns the elements of a list or an array, or -1 after reporting that there are not as many as
 * may be. */
static int checked_length(
	struct config_report *report, const struct config_key *key, const struct item *item)
{
	int type = config_setting_type(item->setting);
	int length = config_setting_length(item->setting);

	if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY) {
		refuse_type(report, key, item);
		return -1;
	}
	if (length < key->min || (key->max > 0 && length > key->max)) {
		refuse(report, key, item, config_format("one of %d", length));
		return -1;
	}
	return length;
}

static struct item element_of(const struct item *list, int index)
{
	const config_setting_t *setting =
		config_setting_get_elem(list->setting, (unsigned int)index);

	return (struct item) {
		.setting = setting,
		.place = { .up = &list->place,
			.index = (size_t)index,
			.line = (int)config_setting_source_line(setting) },
	};
}

static void clear_texts(const struct config_key *key, void *object)
{
	char ***texts = field_of(key, object);
	size_t *count = (void *)((char *)object + key->count_offset);

	for (size_t i = 0; i < *count; i++) {
		free((*texts)[i]);
	}
	free(*texts);
	*texts = NULL;
	*count = 0;
}

static void add_text(const struct config_key *key, const char *text, void *object)
{
	char ***texts = field_of(key, object);
	size_t *count = (void *)((char *)object + key->count_offset);

	(*texts)[(*count)++] = config_copy(text);
}

static void take_texts(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	enum { ELEMENT_MAX_BYTES = 1024 };
	int length = checked_length(report, key, item);
	struct config_key element_key = {
		.type = CONFIG_KEY_TEXT, .min = 1, .max = ELEMENT_MAX_BYTES, .form = key->form
	};

	if (length < 0) {
		return;
	}
	clear_texts(key, object);
	*(char ***)field_of(key, object) = config_alloc((size_t)length, sizeof(char *));
	for (int i = 0; i < length; i++) {
		struct item element = element_of(item, i);
		const char *text = checked_text(report, &element_key, &element);
		if (text) {
			add_text(key, text, object);
		}
	}
}

static void read_group(struct config_report *report, const struct config_keys *keys,
	const struct item *item, void *object);
static void set_defaults(const struct config_keys *keys, void *object);

static void take_group(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	if (config_setting_type(item->setting) != CONFIG_TYPE_GROUP) {
		refuse_type(report, key, item);
		return;
	}
	read_group(report, key->members, item, field_of(key, object));
}

/* An element of a list of groups is a group, or the shorthand for one. */
static void take_element(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	int type = config_setting_type(item->setting);

	set_defaults(key->members, object);
	if (type == CONFIG_TYPE_GROUP) {
		read_group(report, key->members, item, object);
	} else if (type == CONFIG_TYPE_STRING && key->shorthand) {
		take_text(report, config_key_find(key->members, key->shorthand), item, object);
	} else {
		config_report_error(report, &item->place, "must be a group { ... }%s, not %s",
			key->shorthand ? " or a text in quotes" : "", type_name(item->setting));
	}
}

static void take_groups(struct config_report *report, const struct config_key *key,
	const struct item *item, void *object)
{
	int length = checked_length(report, key, item);

	if (length < 0) {
		return;
	}
	char *elements = config_alloc((size_t)length, key->item_bytes);
	/* Copied, for the field is a pointer to a struct of its own type. */
	memcpy(field_of(key, object), &elements, sizeof(elements));
	*(size_t *)(void *)((char *)object + key->count_offset) = (size_t)length;
	for (int i = 0; i < length; i++) {
		struct item element = element_of(item, i);
		take_element(report, key, &element, elements + (size_t)i * key->item_bytes);
	}
}

static take_fn *const takers[CONFIG_KEY_TYPES] = {
	[CONFIG_KEY_INT] = take_number,
	[CONFIG_KEY_NUMBER] = take_number,
	[CONFIG_KEY_BOOL] = take_bool,
	[CONFIG_KEY_TEXT] = take_text,
	[CONFIG_KEY_CHOICE] = take_choice,
	[CONFIG_KEY_MAC] = take_mac,
	[CONFIG_KEY_TEXTS] = take_texts,
	[CONFIG_KEY_GROUP] = take_group,
	[CONFIG_KEY_GROUPS] = take_groups,
};

static void set_default(const struct config_key *key, void *object)
{
	switch (key->type) {
	case CONFIG_KEY_INT:
	case CONFIG_KEY_NUMBER:
		store_number(key, strtod(key->initial, NULL), object);
		break;
	case CONFIG_KEY_BOOL:
		*(bool *)field_of(key, object) = strcmp(key->initial, "true") == 0;
		break;
	case CONFIG_KEY_TEXT:
		store_text(key, key->initial, object);
		break;
	case CONFIG_KEY_CHOICE:
		store_choice(key, key->initial, object);
		break;
	case CONFIG_KEY_TEXTS:
		*(char ***)field_of(key, object) = config_alloc(1, sizeof(char *));
		add_text(key, key->initial, object);
		break;
	default:
		break;
	}
}

static void set_defaults(const struct config_keys *keys, void *object)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct config_key *key = &keys->items[i];
		if (key->type == CONFIG_KEY_GROUP) {
			set_defaults(key->members, field_of(key, object));
		} else if (key->initial) {
			set_default(key, object);
		}
	}
}

static void report_unknown(
	struct config_report *report, const struct config_keys *keys, const struct item *item)
{
	const char *name = item->place.name;
	const struct config_key *near = config_key_suggest(keys, name);

	if (keys == &config_root_keys && strcmp(name, "groups") == 0) {
		config_report_error(report, &item->place,
			"unknown key: this version has no groups of outlets yet");
	} else if (near) {
		config_report_error(
			report, &item->place, "unknown key: did you mean \"%s\"?", near->name);
	} else {
		char *known = config_keys_list(keys);
		config_report_error(report, &item->place, "unknown key: here may stand %s", known);
		free(known);
	}
}

/* Reads the members of a group into object, which has its defaults. */
static void read_group(struct config_report *report, const struct config_keys *keys,
	const struct item *item, void *object)
{
	int length = config_setting_length(item->setting);

	for (int i = 0; i < length; i++) {
		struct item member = element_of(item, i);
		member.place.name = config_setting_name(member.setting);
		const struct config_key *key = config_key_find(keys, member.place.name);
		if (key) {
			takers[key->type](report, key, &member, object);
		} else {
			report_unknown(report, keys, &member);
		}
	}
	for (size_t i = 0; i < keys->count; i++) {
		const char *name = keys->items[i].name;
		if (keys->items[i].is_required && !config_setting_get_member(item->setting, name)) {
			config_report_error(report, &item->place, "\"%s\" is missing", name);
		}
	}
}

void config_tree_read(
	const config_setting_t *root, struct config *config, struct config_report *report)
{
	/* The top of the file is not part of a key path. */
	struct item top = { .setting = root };

	set_defaults(&config_root_keys, config);
	read_group(report, &config_root_keys, &top, config);
}
