/* What is told day by day and month by month: energy, and minutes on. */
#include "protocol/json.h"
#include "tests/sim/device/calendar.h"
#include "tests/sim/methods/handlers.h"

enum { YEAR_MIN = 1970, YEAR_MAX = 2099, MONTHS = 12 };

static int64_t value_of(
	struct sim_call *call, const struct sim_statistics *statistics, const struct sim_date *date)
{
	return statistics->of_day(call, sim_day_of_ms(sim_date_to_ms(date)));
}

/* date->day 0 is a whole month. */
static void add_entry(struct sim_call *call, const struct sim_statistics *statistics,
	const struct sim_date *date, int64_t value)
{
	sim_text_next(call->out);
	sim_text_open(call->out, '{');
	sim_text_int(call->out, "year", date->year);
	sim_text_int(call->out, "month", date->month);
	if (date->day > 0) {
		sim_text_int(call->out, "day", date->day);
	}
	statistics->add(call, value);
	sim_text_close(call->out, '}');
}

int sim_add_days(struct sim_call *call, const struct sim_statistics *statistics)
{
	int64_t year = 0;
	int64_t month = 0;
	struct sim_date date = { 0 };

	if (!plug_json_int(call->arguments, "year", YEAR_MIN, YEAR_MAX, &year) ||
		!plug_json_int(call->arguments, "month", 1, MONTHS, &month)) {
		return SIM_INVALID_ARGUMENT;
	}
	date.year = (int)year;
	date.month = (int)month;
	sim_text_key(call->out, "day_list");
	sim_text_open(call->out, '[');
	for (date.day = 1; date.day <= sim_days_of_month(date.year, date.month); date.day++) {
		const int64_t value = value_of(call, statistics, &date);

		if (value >= 0) {
			add_entry(call, statistics, &date, value);
		}
	}
	sim_text_close(call->out, ']');
	return SIM_OK;
}

static void add_month(
	struct sim_call *call, const struct sim_statistics *statistics, struct sim_date date)
{
	int64_t sum = -1;

	for (date.day = 1; date.day <= sim_days_of_month(date.year, date.month); date.day++) {
		const int64_t value = value_of(call, statistics, &date);

		if (value >= 0) {
			sum = value + (sum < 0 ? 0 : sum);
		}
	}
	date.day = 0;
	if (sum >= 0) {
		add_entry(call, statistics, &date, sum);
	}
}

int sim_add_months(struct sim_call *call, const struct sim_statistics *statistics)
{
	int64_t year = 0;

	if (!plug_json_int(call->arguments, "year", YEAR_MIN, YEAR_MAX, &year)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_text_key(call->out, "month_list");
	sim_text_open(call->out, '[');
	for (int month = 1; month <= MONTHS; month++) {
		add_month(
			call, statistics, (struct sim_date) { .year = (int)year, .month = month });
	}
	sim_text_close(call->out, ']');
	return SIM_OK;
}
