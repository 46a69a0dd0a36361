#include "bridge/energy/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"
#include "protocol/crc32.h"

enum {
	VERSION = 1,
	LINE_MAX_BYTES = 320,
	SUM_BYTES = 8, /* hexadecimal */
	OUTLETS_MAX = 255,
	FORGET_S = 400 * 24 * 3600,
	/* Flags of one run are not kept. */
	KEPT_FLAGS = ENERGY_HAS_BASE | ENERGY_HAS_TOTAL | ENERGY_COUNTS_ON | ENERGY_HAS_DAY |
		     ENERGY_DAY_IS_OPEN | ENERGY_HAS_ANCHOR | ENERGY_HAS_GAP | ENERGY_GAP_HAS_FALL |
		     ENERGY_HAS_LAG | ENERGY_OLD_ANCHOR,
};

static const char first_word[] = "plugbridge energy ";

static int compare(const struct energy_entry *entry, const uint8_t *mac, size_t outlet)
{
	const int order = memcmp(entry->mac, mac, PLUG_MAC_BYTES);

	if (order != 0) {
		return order;
	}
	return entry->outlet < outlet ? -1 : entry->outlet > outlet;
}

/* The place of an entry, or where it would be. */
static size_t place_of(const struct energy_ledger *ledger, const uint8_t *mac, size_t outlet)
{
	size_t low = 0;
	size_t high = ledger->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (compare(ledger->entries[middle], mac, outlet) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct energy_entry *insert(struct energy_ledger *ledger, size_t at)
{
	if (ledger->count == ledger->capacity) {
		ledger->capacity = ledger->capacity > 0 ? 2 * ledger->capacity : 16;
		ledger->entries =
			mem_resize(ledger->entries, ledger->capacity, sizeof *ledger->entries);
	}
	memmove(&ledger->entries[at + 1], &ledger->entries[at],
		(ledger->count - at) * sizeof *ledger->entries);
	ledger->entries[at] = mem_new(sizeof *ledger->entries[at]);
	ledger->count++;
	return ledger->entries[at];
}

/* The entry of an outlet, and whether it is new. */
static struct energy_entry *find(
	struct energy_ledger *ledger, const uint8_t *mac, size_t outlet, bool *is_new)
{
	const size_t at = place_of(ledger, mac, outlet);
	struct energy_entry *entry = NULL;

	*is_new = at == ledger->count || compare(ledger->entries[at], mac, outlet) != 0;
	if (!*is_new) {
		return ledger->entries[at];
	}
	entry = insert(ledger, at);
	memcpy(entry->mac, mac, PLUG_MAC_BYTES);
	entry->outlet = (uint8_t)outlet;
	return entry;
}

void energy_ledger_clear(struct energy_ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++) {
		free(ledger->entries[i]);
	}
	free(ledger->entries);
	*ledger = (struct energy_ledger) { 0 };
}

/* A device was replaced: whoever counted under this topic does so no more. */
static void take_over(struct energy_ledger *ledger, struct energy_entry *heir, uint32_t topic_sum)
{
	for (size_t i = 0; i < ledger->count && ledger->kept_count > 0; i++) {
		struct energy_entry *entry = ledger->entries[i];

		if (entry != heir && entry->topic_sum == topic_sum &&
			energy_has(&entry->meter, ENERGY_HAS_BASE)) {
			energy_meter_continue(&heir->meter, entry->meter.energy_wh);
			entry->topic_sum = 0;
			return;
		}
	}
}

struct energy_entry *energy_ledger_claim(struct energy_ledger *ledger,
	const uint8_t mac[static PLUG_MAC_BYTES], size_t outlet, const char *topic)
{
	const uint32_t topic_sum = plug_crc32(topic, strlen(topic));
	bool is_new = false;
	struct energy_entry *entry = find(ledger, mac, outlet, &is_new);

	if (is_new) {
		take_over(ledger, entry, topic_sum);
	} else if (entry->topic_sum != topic_sum) {
		entry->is_renamed = true;
	}
	entry->topic_sum = topic_sum;
	return entry;
}

/* Reads "<sum>" of eight hexadecimal digits at the end of line and cuts it off; true when it is
 * right. */
static bool take_sum(char *line)
{
	char *last = strrchr(line, ' ');
	char expected[SUM_BYTES + 1];

	if (!last) {
		return false;
	}
	(void)snprintf(
		expected, sizeof expected, "%08" PRIx32, plug_crc32(line, (size_t)(last - line)));
	*last = '\0';
	return strcmp(last + 1, expected) == 0;
}

/* The numbers of a line, in order, with the words before them. */
static const struct {
	const char *word; /* "" for none */
	int64_t min, max;
} columns[] = {
	{ "energy", 0, INT64_MAX / 2 },
	{ "total", 0, UINT32_MAX },
	{ "seen", 0, UINT32_MAX },
	{ "day", 0, UINT16_MAX },
	{ "", 0, UINT32_MAX },
	{ "anchor", 0, UINT16_MAX },
	{ "", 0, UINT32_MAX },
	{ "", INT32_MIN, INT32_MAX },
	{ "gap", 0, UINT32_MAX },
	{ "", 0, UINT32_MAX },
	{ "lag", 0, UINT8_MAX },
	{ "flags", 0, UINT16_MAX },
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

/* Skips the word and a space in *text; false when it is not there. */
static bool skip_word(const char **text, const char *word)
{
	const size_t size = strlen(word);

	if (size > 0 && (strncmp(*text, word, size) != 0 || (*text)[size] != ' ')) {
		return false;
	}
	*text += size > 0 ? size + 1 : 0;
	return true;
}

static bool read_numbers(const char *text, int64_t numbers[static COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		char *end = NULL;

		if (!skip_word(&text, columns[i].word)) {
			return false;
		}
		errno = 0;
		numbers[i] = strtoll(text, &end, 10);
		if (errno != 0 || end == text || numbers[i] < columns[i].min ||
			numbers[i] > columns[i].max || *end != (i + 1 < COLUMNS ? ' ' : '\0')) {
			return false;
		}
		text = end + 1;
	}
	return true;
}

static struct energy_meter meter_of(const int64_t numbers[static COLUMNS])
{
	return (struct energy_meter) {
		.energy_wh = numbers[0],
		.total_wh = (uint32_t)numbers[1],
		.seen_s = (uint32_t)numbers[2],
		.day = (uint16_t)numbers[3],
		.today_wh = (uint32_t)numbers[4],
		.anchor_day = (uint16_t)numbers[5],
		.anchor_day_wh = (uint32_t)numbers[6],
		.since_anchor_wh = (int32_t)numbers[7],
		.gap_s = (uint32_t)numbers[8],
		.gap_total_wh = (uint32_t)numbers[9],
		.lag_wh = (uint8_t)numbers[10],
		.flags = (uint16_t)(numbers[11] & KEPT_FLAGS),
	};
}

/* "<mac>/<outlet> <topic sum> ", and moves *text behind it. */
static bool read_key(
	const char **text, uint8_t mac[static PLUG_MAC_BYTES], size_t *outlet, uint32_t *topic_sum)
{
	char mac_text[PLUG_MAC_TEXT_BYTES] = "";
	char *end = NULL;
	unsigned long number = 0;

	if (strlen(*text) < sizeof mac_text || (*text)[sizeof mac_text - 1] != '/') {
		return false;
	}
	memcpy(mac_text, *text, sizeof mac_text - 1);
	number = strtoul(*text + sizeof mac_text, &end, 10);
	if (!plug_mac_parse(mac_text, mac) || number > OUTLETS_MAX || *end != ' ') {
		return false;
	}
	*outlet = number;
	*topic_sum = (uint32_t)strtoul(end + 1, &end, 16);
	*text = end + 1;
	return *end == ' ';
}

static enum energy_line take_first_line(const char *line)
{
	char *end = NULL;
	unsigned long version = 0;

	if (strncmp(line, first_word, sizeof first_word - 1) != 0) {
		return ENERGY_LINE_DAMAGED;
	}
	version = strtoul(line + sizeof first_word - 1, &end, 10);
	if (*end != '\0' || version == 0) {
		return ENERGY_LINE_DAMAGED;
	}
	return version <= VERSION ? ENERGY_LINE_TAKEN : ENERGY_LINE_NEWER;
}

enum energy_line energy_ledger_take_line(
	struct energy_ledger *ledger, const char *line, size_t number, int64_t wall_s)
{
	char *copy = mem_copy(line);
	const char *text = copy;
	uint8_t mac[PLUG_MAC_BYTES];
	int64_t numbers[COLUMNS];
	uint32_t topic_sum = 0;
	size_t outlet = 0;
	bool is_new = false;
	enum energy_line result = number == 0 ? take_first_line(line) : ENERGY_LINE_DAMAGED;

	if (result == ENERGY_LINE_DAMAGED && take_sum(copy) &&
		read_key(&text, mac, &outlet, &topic_sum) && read_numbers(text, numbers)) {
		const struct energy_meter meter = meter_of(numbers);

		result = ENERGY_LINE_TAKEN;
		if (wall_s < (int64_t)meter.seen_s + FORGET_S) {
			struct energy_entry *entry = find(ledger, mac, outlet, &is_new);

			entry->meter = meter;
			entry->topic_sum = topic_sum;
			ledger->kept_count += is_new;
		}
	}
	free(copy);
	return result;
}

static void write_entry(const struct energy_entry *entry, FILE *out)
{
	const struct energy_meter *meter = &entry->meter;
	char line[LINE_MAX_BYTES];
	char mac[PLUG_MAC_TEXT_BYTES];
	int size = 0;

	plug_mac_format(entry->mac, mac);
	size = snprintf(line, sizeof line,
		"%s/%u %08" PRIx32 " energy %" PRId64 " total %" PRIu32 " seen %" PRIu32
		" day %" PRIu16 " %" PRIu32 " anchor %" PRIu16 " %" PRIu32 " %" PRId32
		" gap %" PRIu32 " %" PRIu32 " lag %u flags %u",
		mac, entry->outlet, entry->topic_sum, meter->energy_wh, meter->total_wh,
		meter->seen_s, meter->day, meter->today_wh, meter->anchor_day, meter->anchor_day_wh,
		meter->since_anchor_wh, meter->gap_s, meter->gap_total_wh, meter->lag_wh,
		meter->flags & (unsigned)KEPT_FLAGS);
	(void)fprintf(out, "%s %08" PRIx32 "\n", line, plug_crc32(line, (size_t)size));
}

struct energy_copy {
	size_t count;
	struct energy_entry entries[];
};

static uint32_t shifted(uint32_t seen_s, int64_t by_s)
{
	const int64_t to_s = seen_s + by_s;

	if (to_s < 0) {
		return 0;
	}
	return to_s < UINT32_MAX ? (uint32_t)to_s : UINT32_MAX;
}

struct energy_copy *energy_ledger_copy(const struct energy_ledger *ledger, int64_t set_by_s)
{
	struct energy_copy *copy = mem_new(sizeof *copy + ledger->count * sizeof copy->entries[0]);

	copy->count = ledger->count;
	for (size_t i = 0; i < ledger->count; i++) {
		struct energy_entry *entry = &copy->entries[i];

		*entry = *ledger->entries[i];
		if (energy_has(&entry->meter, ENERGY_IS_LIVE)) {
			entry->meter.seen_s = shifted(entry->meter.seen_s, set_by_s);
		}
	}
	return copy;
}

void energy_ledger_write(const struct energy_copy *copy, FILE *out)
{
	(void)fprintf(out, "%s%d\n", first_word, VERSION);
	for (size_t i = 0; i < copy->count; i++) {
		/* An outlet without a meter has nothing to remember. */
		if (copy->entries[i].meter.flags & KEPT_FLAGS) {
			write_entry(&copy->entries[i], out);
		}
	}
}
