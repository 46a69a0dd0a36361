#include "protocol/rules.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "protocol/clock.h"

static const char *const day_names[PLUG_DAYS] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
enum { DAY_NAME_BYTES = 3, DAY_S = 24 * 3600, NUMBER_MAX = 100000 };

/* Reads digits and moves *at behind them; -1 when there are none or too many. */
static int read_number(const char **at)
{
	const char *const begin = *at;
	int number = 0;

	while (**at >= '0' && **at <= '9') {
		if (number > NUMBER_MAX) {
			return -1;
		}
		number = number * 10 + (**at - '0');
		(*at)++;
	}
	return *at == begin ? -1 : number;
}

/* 1h30m, 90s; a number alone counts bare_s seconds each, or is wrong when that is 0. */
static bool read_span(const char *at, int bare_s, int64_t *seconds)
{
	int64_t sum = 0;

	do {
		const int number = read_number(&at);
		const int unit_s = *at == 'h'	? 3600
				   : *at == 'm' ? 60
				   : *at == 's' ? 1
						: (*at == '\0' ? bare_s : 0);

		if (number < 0 || unit_s == 0) {
			return false;
		}
		sum += (int64_t)number * unit_s;
		bare_s = 0; /* 1h30 might be anything */
		at += *at != '\0' ? 1 : 0;
	} while (*at != '\0');
	*seconds = sum;
	return true;
}

bool plug_span_parse(const char *text, int64_t *seconds)
{
	*seconds = 0;
	if (read_span(text, 1, seconds) && *seconds >= 1 && *seconds <= DAY_S) {
		return true;
	}
	*seconds = 0;
	return false;
}

static bool read_clock(const char *text, struct plug_moment *moment)
{
	const char *at = text;
	const int hour = read_number(&at);
	int minute;

	if (hour < 0 || hour > 23 || at - text > 2 || *at != ':') {
		return false;
	}
	at++;
	minute = read_number(&at);
	if (minute < 0 || minute > 59 || at[-3] != ':' || *at != '\0') {
		return false;
	}
	*moment = (struct plug_moment) { PLUG_MOMENT_CLOCK, hour * 60 + minute, 0 };
	return true;
}

static bool read_sun(const char *text, struct plug_moment *moment)
{
	static const char *const names[] = { "sunrise", "sunset" };

	for (int i = 0; i < 2; i++) {
		const size_t size = strlen(names[i]);
		const char *at = text + size;
		int64_t seconds = 0;

		if (strncmp(text, names[i], size) != 0) {
			continue;
		}
		if (*at != '\0' && ((*at != '+' && *at != '-') || !read_span(at + 1, 0, &seconds) ||
					   seconds % 60 != 0 || seconds > DAY_S / 2)) {
			return false;
		}
		moment->kind = i == 0 ? PLUG_MOMENT_SUNRISE : PLUG_MOMENT_SUNSET;
		moment->offset_minutes = (int)(seconds / 60) * (*at == '-' ? -1 : 1);
		return true;
	}
	return false;
}

bool plug_moment_parse(const char *text, struct plug_moment *moment)
{
	*moment = (struct plug_moment) { 0 };
	return read_clock(text, moment) || read_sun(text, moment);
}

static int read_day(const char **at)
{
	for (int i = 0; i < PLUG_DAYS; i++) {
		if (strncasecmp(*at, day_names[i], DAY_NAME_BYTES) == 0) {
			*at += DAY_NAME_BYTES;
			return i;
		}
	}
	return -1;
}

static bool read_days(const char *at, bool *days)
{
	for (;;) {
		const int first = read_day(&at);
		int last = first;

		if (first >= 0 && *at == '-') {
			at++;
			last = read_day(&at);
		}
		if (first < 0 || last < 0) {
			return false;
		}
		for (int day = first; day != last; day = (day + 1) % PLUG_DAYS) {
			days[day] = true;
		}
		days[last] = true;
		if (*at != ',') {
			return *at == '\0';
		}
		at++;
	}
}

bool plug_days_parse(const char *text, bool days[static PLUG_DAYS])
{
	const bool is_daily = strcasecmp(text, "daily") == 0;

	for (size_t i = 0; i < PLUG_DAYS; i++) {
		days[i] = is_daily;
	}
	if (is_daily || read_days(text, days)) {
		return true;
	}
	memset(days, 0, PLUG_DAYS * sizeof *days);
	return false;
}

bool plug_date_parse(const char *text, struct plug_rule *rule)
{
	char whole[24];
	struct plug_time time = { 0 };
	const int size = snprintf(whole, sizeof whole, "%sT00:00", text);
	const bool is_date =
		size > 0 && (size_t)size < sizeof whole && plug_time_parse(whole, &time);

	rule->year = time.year;
	rule->month = time.month;
	rule->day = time.day;
	return is_date;
}

static int append(char *text, int size, const char *more)
{
	const int length = (int)strlen(more);

	if (size + length >= PLUG_RULE_TEXT_BYTES) {
		return size;
	}
	memcpy(text + size, more, (size_t)length + 1);
	return size + length;
}

void plug_moment_format(const struct plug_moment *moment, char text[static PLUG_RULE_TEXT_BYTES])
{
	char part[32];
	int size = 0;
	const int offset =
		moment->offset_minutes < 0 ? -moment->offset_minutes : moment->offset_minutes;

	text[0] = '\0';
	if (moment->kind == PLUG_MOMENT_NONE) {
		return;
	}
	if (moment->kind != PLUG_MOMENT_CLOCK) {
		size = append(
			text, size, moment->kind == PLUG_MOMENT_SUNRISE ? "sunrise" : "sunset");
		if (offset > 0) {
			(void)snprintf(part, sizeof part, "%c%dm",
				moment->offset_minutes < 0 ? '-' : '+', offset);
			size = append(text, size, part);
		}
		if (moment->minute == 0) {
			return;
		}
	}
	(void)snprintf(part, sizeof part,
		moment->kind == PLUG_MOMENT_CLOCK ? "%02d:%02d" : " (%02d:%02d)",
		moment->minute / 60, moment->minute % 60);
	(void)append(text, size, part);
}

/* Runs of three days and more as mon-fri, from Monday on; the week does not wrap here. */
static void format_days(const bool *days, char *text)
{
	int size = 0;
	int count = 0;

	for (int i = 0; i < PLUG_DAYS; i++) {
		count += days[i] ? 1 : 0;
	}
	if (count == 0 || count == PLUG_DAYS) {
		(void)append(text, 0, count == 0 ? "never" : "daily");
		return;
	}
	for (int i = 0; i < PLUG_DAYS; i++) {
		int run = 0;

		while (i + run < PLUG_DAYS && days[(i + run + 1) % PLUG_DAYS]) {
			run++;
		}
		if (run == 0) {
			continue;
		}
		size = append(text, size, size > 0 ? "," : "");
		size = append(text, size, day_names[(i + 1) % PLUG_DAYS]);
		if (run > 2) {
			size = append(text, size, "-");
			size = append(text, size, day_names[(i + run) % PLUG_DAYS]);
			i += run - 1;
		}
	}
}

void plug_rule_days_format(const struct plug_rule *rule, char text[static PLUG_RULE_TEXT_BYTES])
{
	text[0] = '\0';
	if (rule->is_weekly) {
		format_days(rule->days, text);
	} else if (rule->year > 0) {
		(void)snprintf(text, PLUG_RULE_TEXT_BYTES, "%04d-%02d-%02d", rule->year,
			rule->month, rule->day);
	}
}
