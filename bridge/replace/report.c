#include <string.h>

#include "bridge/mem.h"
#include "bridge/replace/replace.h"
#include "bridge/text.h"

enum { ITEM_BYTES = 1200, ANSWER_BYTES = 4096 };

static void put_item(struct text *text, const struct plug_restore_item *item)
{
	text_open(text, NULL, '{');
	text_member_string(text, "item", plug_restore_what_name(item->what));
	if (item->outlet != PLUG_RESTORE_DEVICE) {
		text_member_integer(text, "outlet", (int64_t)item->outlet + 1);
	}
	text_member_string(text, "result", plug_restore_result_name(item->result));
	text_member_integer(text, "rules", (int64_t)item->rules);
	text_member_integer(text, "left_out", (int64_t)item->left_out);
	text_member_string(text, "why", item->why[0] != '\0' ? item->why : NULL);
	text_close(text, '}');
}

static void put_devices(struct text *text, const struct replacement *replacement)
{
	const struct plug_snapshot *new = &replacement->new.snapshot;
	char mac[PLUG_MAC_TEXT_BYTES];

	text_open(text, "old", '{');
	plug_mac_format(replacement->old_mac, mac);
	text_member_string(text, "mac", replacement->has_old_mac ? mac : NULL);
	text_member_string(
		text, "known_from", replacement->old.taken_s > 0 ? "bridge" : "configuration");
	text_close(text, '}');
	text_open(text, "new", '{');
	plug_mac_format(new->mac, mac);
	text_member_string(text, "mac", mac);
	text_member_string(text, "model", new->model);
	text_member_string(text, "host", replacement->host);
	text_member_integer(text, "port", replacement->port);
	text_close(text, '}');
}

char *replacement_report(const struct replacement *replacement, const char *line)
{
	const struct plug_restore *restore = &replacement->restore;
	const size_t capacity =
		ANSWER_BYTES + restore->item_count * ITEM_BYTES +
		6 * (strlen(line) + strlen(replacement->backup) + strlen(replacement->host));
	struct text text;

	text_init(&text, mem_array(capacity, 1), capacity);
	text_open(&text, NULL, '{');
	text_member_string(&text, "name", replacement->name);
	put_devices(&text, replacement);
	text_open(&text, "items", '[');
	for (size_t i = 0; i < restore->item_count; i++) {
		put_item(&text, &restore->items[i]);
	}
	text_close(&text, ']');
	text_open(&text, "configuration", '{');
	text_member_string(&text, "result", "done");
	text_member_string(&text, "line", line);
	text_member_string(&text, "backup", replacement->backup);
	text_close(&text, '}');
	text_close(&text, '}');
	return text.bytes;
}
