#include "bridge/moves/cause.h"

enum {
	/* Seconds that a device's count may be behind ours. */
	COUNT_SLACK_S = 2,
	/* A clock may be wrong by a minute before it is set. */
	CLOCK_SLACK_S = 90,
	DAY_S = 24 * 60 * 60,
};

static const struct {
	const char *name;
	const char *words;
} causes[CAUSE_COUNT] = {
	[CAUSE_NONE] = { "none", "by nothing" },
	[CAUSE_COMMAND] = { "command", "by a command" },
	[CAUSE_HAND] = { "button_or_app", "by its button, an app or another program" },
	[CAUSE_SCHEDULE] = { "schedule", "by a schedule that the device keeps" },
	[CAUSE_COUNTDOWN] = { "countdown", "by a countdown that the device keeps" },
	[CAUSE_RESTART] = { "power_cut_or_reboot", "by a power cut or a reboot" },
	[CAUSE_UNKNOWN] = { "unknown", "while the device could not be reached" },
};

const char *cause_name(enum cause cause)
{
	return causes[cause].name;
}

const char *cause_words(enum cause cause)
{
	return causes[cause].words;
}

struct cause_view cause_view_of(const struct plug_outlet_info *info, uint64_t now_ms)
{
	return (struct cause_view) {
		.read_ms = now_ms,
		.next_at_s = info->next.at_s,
		.on_time_s = (uint32_t)info->on_time_s,
		.is_on = info->is_on,
		.has_on_time = info->has_on_time,
		.next_is_on = info->next.is_on,
		.next_kind = (uint8_t)info->next.kind,
	};
}

/* On in both reads, but for less time than lies between them: it was off for a moment. A count
 * that fell for another reason (the device's clock was set) does not fit the time between. */
static bool began_anew(const struct cause_view *before, const struct cause_view *now)
{
	const uint64_t between_s = (now->read_ms - before->read_ms) / 1000;

	return before->is_on && now->is_on && before->has_on_time && now->has_on_time &&
	       now->on_time_s < before->on_time_s && now->on_time_s <= between_s + COUNT_SLACK_S;
}

/* The announced time lies between the two reads, give or take what clocks differ. */
static bool is_time_of(const struct cause_view *before, const struct cause_view *now,
	const struct cause_clues *clues)
{
	const int64_t between_s = (int64_t)((now->read_ms - before->read_ms) / 1000);
	const int64_t ago_s =
		(clues->second_of_day - before->next_at_s + CLOCK_SLACK_S + DAY_S) % DAY_S;

	return ago_s <= between_s + 2 * CLOCK_SLACK_S;
}

/* It did what it had announced: that is announced no more, or its time has come (a rule of every
 * day announces itself again at once). */
static bool was_announced(const struct cause_view *before, const struct cause_view *now,
	const struct cause_clues *clues)
{
	if (before->next_kind == PLUG_NEXT_NONE || before->next_is_on != now->is_on) {
		return false;
	}
	if (before->next_at_s < 0) {
		return now->next_kind != before->next_kind;
	}
	return before->next_kind != now->next_kind || before->next_at_s != now->next_at_s ||
	       before->next_is_on != now->next_is_on || is_time_of(before, now, clues);
}

enum cause cause_of(const struct cause_view *before, const struct cause_view *now,
	const struct cause_clues *clues)
{
	const bool is_changed = before->is_on != now->is_on;

	if (before->read_ms == 0 || (!is_changed && !began_anew(before, now))) {
		return CAUSE_NONE;
	}
	if (clues->is_ours) {
		return CAUSE_COMMAND;
	}
	if (!is_changed) {
		return clues->was_unreachable ? CAUSE_RESTART : CAUSE_HAND;
	}
	if (was_announced(before, now, clues)) {
		return before->next_kind == PLUG_NEXT_COUNTDOWN ? CAUSE_COUNTDOWN : CAUSE_SCHEDULE;
	}
	return clues->was_unreachable ? CAUSE_UNKNOWN : CAUSE_HAND;
}
