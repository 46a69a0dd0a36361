#include "protocol/plugctl/find/cfg_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "protocol/plugctl/find/cfg_name.h"
#include "protocol/plugctl/terminal/memory.h"

enum { PORT_DEFAULT = 9999, LABEL_MAX_BYTES = 128 };

struct writer {
	FILE *out;
	const struct search_list *list;
	struct cfg_names names;
	size_t entries;
};

/* Bytes of the character of UTF-8 at at, 0 when it is none or steers a terminal. */
static size_t clean_size(const unsigned char *at)
{
	static const struct {
		unsigned char mask, lead;
		size_t size;
		uint32_t least;
	} forms[] = { { 0xe0, 0xc0, 2, 0xa0 }, { 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 } };

	if (at[0] < 0x80) {
		return at[0] >= 0x20 && at[0] != 0x7f ? 1 : 0;
	}
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		uint32_t code = at[0] & (unsigned char)~forms[i].mask;
		size_t size = 1;

		if ((at[0] & forms[i].mask) != forms[i].lead) {
			continue;
		}
		for (; size < forms[i].size && (at[size] & 0xc0) == 0x80; size++) {
			code = code << 6 | (at[size] & 0x3f);
		}
		return size == forms[i].size && code >= forms[i].least && code <= 0x10ffff &&
				       (code < 0xd800 || code > 0xdfff)
			       ? size
			       : 0;
	}
	return 0;
}

/* As much of text as a label may have, "?" for what it may not (caller frees). */
static char *clean(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	char *copy = memory_new(LABEL_MAX_BYTES + 1, 1);
	size_t size = 0;

	while (*at != '\0') {
		const size_t length = clean_size(at);

		if (size + (length > 0 ? length : 1) > LABEL_MAX_BYTES) {
			break;
		}
		if (length > 0) {
			memcpy(copy + size, at, length);
		} else {
			copy[size] = '?';
		}
		size += length > 0 ? length : 1;
		at += length > 0 ? length : 1;
	}
	return copy;
}

static void write_quoted(struct writer *writer, const char *text)
{
	fputc('"', writer->out);
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\') {
			fputc('\\', writer->out);
		}
		fputc(*at, writer->out);
	}
	fputc('"', writer->out);
}

static void write_label(struct writer *writer, const char *alias, const char *name)
{
	char *label = clean(alias);

	if (label[0] != '\0' && strcmp(label, name) != 0) {
		fputs("  label = ", writer->out);
		write_quoted(writer, label);
		fputc(';', writer->out);
	}
	free(label);
}

/* "hs110-bf0001", where nobody has given it a name. */
static char *fallback_name(const struct search_device *device)
{
	struct cfg_names none = { 0 };
	char *model = memory_format("%.*s", (int)strcspn(device->model, "("), device->model);
	char *name = memory_format("%.20s-%02x%02x%02x", cfg_name_new(&none, model, "plug"),
		device->mac[3], device->mac[4], device->mac[5]);

	cfg_names_clear(&none);
	free(model);
	return name;
}

/* Strips come with outlets called "Plug 1" and so on, each strip with the same: "" for these. */
static const char *given_alias(const struct plug_sysinfo *info, size_t index)
{
	const char *alias = info->outlets[index].alias;
	char *usual = memory_format("Plug %zu", index + 1);
	const bool is_usual = strcmp(alias, usual) == 0;

	free(usual);
	return is_usual ? "" : alias;
}

static void write_outlets(
	struct writer *writer, const struct plug_sysinfo *info, const char *device)
{
	fputs("\n	  outlets = (\n", writer->out);
	for (size_t i = 0; i < info->outlet_count; i++) {
		char *fallback = memory_format("%.28s-%zu", device, i + 1);
		const char *alias = given_alias(info, i);
		const char *name = cfg_name_new(&writer->names, alias, fallback);

		fprintf(writer->out, "		{ name = \"%s\";", name);
		write_label(writer, alias, name);
		fprintf(writer->out, " }%s\n", i + 1 < info->outlet_count ? "," : " );");
		free(fallback);
	}
	fputs("	}", writer->out);
}

static void write_entry(struct writer *writer, const struct search_device *device)
{
	char *fallback = fallback_name(device);
	char name[CONFIG_NAME_MAX_BYTES + 1];
	char mac[PLUG_MAC_TEXT_BYTES];

	(void)snprintf(name, sizeof name, "%s",
		cfg_name_new(&writer->names, device->info.alias, fallback));
	free(fallback);
	fprintf(writer->out, "%s	{ name = \"%s\";  host = \"%s\";",
		writer->entries++ > 0 ? ",\n" : "", name, device->host);
	if (device->port != PORT_DEFAULT) {
		fprintf(writer->out, "  port = %u;", (unsigned)device->port);
	}
	if (device->has_mac) {
		plug_mac_format(device->mac, mac);
		fprintf(writer->out, "  mac = \"%s\";", mac);
	}
	write_label(writer, device->info.alias, name);
	if (device->info.family == PLUG_FAMILY_STRIP) {
		write_outlets(writer, &device->info, name);
	} else {
		fputs(" }", writer->out);
	}
}

static bool is_same_device(const struct search_device *a, const struct search_device *b)
{
	return a->has_mac && b->has_mac && memcmp(a->mac, b->mac, sizeof a->mac) == 0;
}

static bool is_our_kind(const struct search_device *device)
{
	return (device->verdict == SEARCH_CONFIRMED || device->verdict == SEARCH_SILENT) &&
	       device->info.family != PLUG_FAMILY_UNSUPPORTED;
}

/* Of several that claim one MAC the first that was confirmed, else the first. */
bool cfg_text_is_usable(const struct search_list *list, const struct search_device *device)
{
	bool is_first = true;

	if (!is_our_kind(device)) {
		return false;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct search_device *other = list->items[i];

		if (other == device) {
			is_first = false;
		} else if (is_same_device(device, other) && is_our_kind(other)) {
			const bool is_better = other->verdict == SEARCH_CONFIRMED;
			const bool is_good = device->verdict == SEARCH_CONFIRMED;

			if ((is_better && !is_good) || (is_better == is_good && is_first)) {
				return false;
			}
		}
	}
	return true;
}

static const char *reason(const struct search_device *device)
{
	switch (device->verdict) {
	case SEARCH_FOREIGN:
		return plug_dialect_advice(device->dialect);
	case SEARCH_FALSE:
		return "an answer came from there, but the device there has another MAC";
	default:
		return is_our_kind(device) ? "another address answers with this MAC too"
					   : "this kind of device is not supported";
	}
}

static void write_comment(struct writer *writer, const struct search_device *device)
{
	char mac[PLUG_MAC_TEXT_BYTES] = "no MAC";
	char *model = clean(device->model);

	if (device->has_mac) {
		plug_mac_format(device->mac, mac);
	}
	fprintf(writer->out, "# Left out: %s  %s  %s\n#   %s.\n", device->host, mac, model,
		reason(device));
	free(model);
}

static void write_head(struct writer *writer, char *const *broadcast, size_t broadcast_count)
{
	fputs("# plugbridge.cfg, as plugctl discover --config found things; see\n"
	      "# plugbridge.cfg(5). Names appear in topics: change them as you like, and give "
	      "each\n"
	      "# plug a room = \"...\"; of yours. The broker is at localhost unless told:\n"
	      "#broker = { host = \"192.168.1.2\"; };\n",
		writer->out);
	if (broadcast_count == 0) {
		return;
	}
	fputs("\ndiscovery = { broadcast = (", writer->out);
	for (size_t i = 0; i < broadcast_count; i++) {
		fprintf(writer->out, "%s \"%s\"", i > 0 ? "," : "", broadcast[i]);
	}
	fputs(" ); };\n", writer->out);
}

static void write_all(struct writer *writer)
{
	bool has_others = false;

	fputs("\ndevices = (\n", writer->out);
	for (size_t i = 0; i < writer->list->count; i++) {
		if (cfg_text_is_usable(writer->list, writer->list->items[i])) {
			write_entry(writer, writer->list->items[i]);
		}
	}
	fprintf(writer->out, "%s);\n", writer->entries > 0 ? "\n" : "");
	for (size_t i = 0; i < writer->list->count; i++) {
		if (!cfg_text_is_usable(writer->list, writer->list->items[i])) {
			fputs(has_others ? "" : "\n", writer->out);
			write_comment(writer, writer->list->items[i]);
			has_others = true;
		}
	}
}

char *cfg_text(const struct search_list *list, char *const *broadcast, size_t broadcast_count)
{
	struct writer writer = { .list = list };
	char *text = NULL;
	size_t size;

	writer.out = open_memstream(&text, &size);
	if (!writer.out) {
		memory_is_out();
	}
	write_head(&writer, broadcast, broadcast_count);
	write_all(&writer);
	cfg_names_clear(&writer.names);
	if (fclose(writer.out) != 0) {
		memory_is_out();
	}
	return text;
}
