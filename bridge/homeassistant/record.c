#include "bridge/homeassistant/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"

static const char *const form_words[RECORD_FORM_COUNT] = {
	[RECORD_DEVICE] = "device ",
	[RECORD_COMPONENTS] = "components ",
};

static bool read_form(const char **at, enum record_form *form)
{
	for (int i = 0; i < RECORD_FORM_COUNT; i++) {
		const size_t size = strlen(form_words[i]);

		if (strncmp(*at, form_words[i], size) == 0) {
			*at += size;
			*form = (enum record_form)i;
			return true;
		}
	}
	return false;
}

bool record_parse(const char *text, struct record *record)
{
	const char *at = strchr(text, ' ');
	const size_t id_size = at ? (size_t)(at - text) : 0;
	char *end = NULL;

	*record = (struct record) { .form = RECORD_DEVICE };
	if (id_size == 0 || id_size >= sizeof record->id) {
		return false;
	}
	memcpy(record->id, text, id_size);
	at++;
	if (!read_form(&at, &record->form)) {
		return false;
	}
	record->components = (uint32_t)strtoul(at, &end, 16) & HOMEASSISTANT_COMPONENTS_ALL;
	if (end == at || *end != ' ' || end[1] == '\0' || record->components == 0) {
		return false;
	}
	record->prefix = end + 1;
	return true;
}

/* Calls take with each record of the id under the prefix, until it returns false. */
static void each(const struct store *store, const char *id, const char *prefix,
	bool (*take)(void *arg, const struct record *record, const char *text), void *arg)
{
	char *start = mem_printf("%s ", id);
	size_t count = 0;
	const struct store_entry *entries = store_entries(store, &count);
	size_t at = store_find(store, STORE_DISCOVERY, start);

	for (; at < count && entries[at].kind == STORE_DISCOVERY &&
		strncmp(entries[at].text, start, strlen(start)) == 0;
		at++) {
		struct record record;

		if (record_parse(entries[at].text, &record) && strcmp(record.prefix, prefix) == 0 &&
			!take(arg, &record, entries[at].text)) {
			break;
		}
	}
	free(start);
}

/* What is looked for, and what was found. */
struct search {
	enum record_form form;
	uint32_t components;
	char *text;
};

static bool match(void *arg, const struct record *record, const char *text)
{
	struct search *search = arg;

	if (record->form != search->form) {
		return true;
	}
	search->components = record->components;
	(void)mem_replace(&search->text, text);
	return false;
}

uint32_t record_find(
	const struct store *store, const char *id, enum record_form form, const char *prefix)
{
	struct search search = { .form = form };

	each(store, id, prefix, match, &search);
	free(search.text);
	return search.components;
}

void record_set(struct store *store, const struct record *record)
{
	struct search old = { .form = record->form };
	char *text = NULL;

	each(store, record->id, record->prefix, match, &old);
	if (old.components != record->components && old.text) {
		store_remove(store, STORE_DISCOVERY, old.text);
	}
	free(old.text);
	if (record->components != 0) {
		text = mem_printf("%s %s%" PRIx32 " %s", record->id, form_words[record->form],
			record->components, record->prefix);
		store_add(store, STORE_DISCOVERY, text);
		free(text);
	}
	store_save(store);
}

/* Claiming changes no entry's place. */
static bool claim(void *arg, const struct record *record, const char *text)
{
	(void)record;
	store_add(arg, STORE_DISCOVERY, text);
	return true;
}

void record_claim(struct store *store, const char *id, const char *prefix)
{
	each(store, id, prefix, claim, store);
}
