#include "protocol/snapshot/snapshot.h"

#include <stdlib.h>
#include <string.h>

void plug_snapshot_clear(struct plug_snapshot *snapshot)
{
	for (size_t i = 0; i < PLUG_OUTLETS_MAX; i++) {
		for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
			free(snapshot->outlets[i].rules[kind].rules);
		}
	}
	*snapshot = (struct plug_snapshot) { 0 };
}

void plug_snapshot_copy_text(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

/* The minute of sunrise and sunset is what the device last made of it. */
static bool is_same_moment(const struct plug_moment *a, const struct plug_moment *b)
{
	if (a->kind != b->kind) {
		return false;
	}
	switch (a->kind) {
	case PLUG_MOMENT_NONE:
		return true;
	case PLUG_MOMENT_CLOCK:
		return a->minute == b->minute;
	default:
		return a->offset_minutes == b->offset_minutes;
	}
}

static bool is_same_day(const struct plug_rule *a, const struct plug_rule *b)
{
	if (a->is_weekly != b->is_weekly) {
		return false;
	}
	if (a->is_weekly) {
		return memcmp(a->days, b->days, sizeof a->days) == 0;
	}
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

/* The action of an end that there is none of means nothing: devices leave it out. */
static bool is_same_end(
	enum plug_rule_kind kind, const struct plug_rule *a, const struct plug_rule *b)
{
	return is_same_moment(&a->end, &b->end) &&
	       (kind == PLUG_RULE_AWAY || a->end.kind == PLUG_MOMENT_NONE ||
		       a->end_action == b->end_action);
}

bool plug_rule_is_same(
	enum plug_rule_kind kind, const struct plug_rule *a, const struct plug_rule *b)
{
	if (kind == PLUG_RULE_COUNTDOWN) {
		/* It may have ended since it was set, and is switched off then. */
		return a->delay_s == b->delay_s && a->start_action == b->start_action;
	}
	return a->is_enabled == b->is_enabled && is_same_day(a, b) &&
	       is_same_moment(&a->start, &b->start) && is_same_end(kind, a, b) &&
	       (kind == PLUG_RULE_AWAY || a->start_action == b->start_action);
}

enum plug_fit plug_snapshot_fit(const struct plug_snapshot *old, const struct plug_snapshot *fresh)
{
	const bool is_strip = old->family == PLUG_FAMILY_STRIP;

	if (old->taken_s == 0) {
		/* What is known is what the owner has written down: perhaps not every outlet. */
		if (is_strip != (fresh->family == PLUG_FAMILY_STRIP)) {
			return PLUG_FITS_NOT_FAMILY;
		}
		return fresh->outlet_count < old->outlet_count ? PLUG_FITS_NOT_OUTLETS : PLUG_FITS;
	}
	if (old->family != fresh->family) {
		return PLUG_FITS_NOT_FAMILY;
	}
	if (old->outlet_count != fresh->outlet_count) {
		return PLUG_FITS_NOT_OUTLETS;
	}
	return old->has_energy && !fresh->has_energy ? PLUG_FITS_WITHOUT_METER : PLUG_FITS;
}
