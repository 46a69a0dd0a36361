#include "protocol/statistics.h"

#include <stdbool.h>

#include "protocol/call.h"
#include "protocol/json.h"

enum { DAYS_MAX = 31, MONTHS = 12, DAY_MAX_WH = 25 * 5000, DAY_MAX_MINUTES = 25 * 60 };

const char *plug_statistic_module(enum plug_statistic statistic, enum plug_family family)
{
	if (statistic == PLUG_STATISTIC_ENERGY) {
		return plug_family_traits(family)->energy_module;
	}
	return plug_family_is_light(family) ? "smartlife.iot.common.schedule" : "schedule";
}

const char *plug_statistic_method(const struct plug_period *period)
{
	return period->month > 0 ? "get_daystat" : "get_monthstat";
}

const char *plug_statistic_erase_method(enum plug_statistic statistic)
{
	return statistic == PLUG_STATISTIC_ENERGY ? "erase_emeter_stat" : "erase_runtime_stat";
}

enum plug_error plug_request_statistic(struct plug_request *request,
	const struct plug_statistic_ask *ask, const struct plug_period *period)
{
	const struct plug_call_name name = { ask->child_id,
		plug_statistic_module(ask->statistic, ask->family), plug_statistic_method(period) };
	struct plug_call call;

	if (period->year < PLUG_YEAR_MIN || period->year > PLUG_YEAR_MAX || period->month < 0 ||
		period->month > MONTHS) {
		return PLUG_EINVAL;
	}
	plug_call_begin(&call, request, &name);
	plug_call_int(&call, "year", period->year);
	if (period->month > 0) {
		plug_call_int(&call, "month", period->month);
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_erase_statistic(
	struct plug_request *request, const struct plug_statistic_ask *ask)
{
	const struct plug_call_name name = { ask->child_id,
		plug_statistic_module(ask->statistic, ask->family),
		plug_statistic_erase_method(ask->statistic) };

	return plug_call_plain(request, &name);
}

static bool read_value(
	struct json_object *entry, enum plug_statistic statistic, double max, int64_t *value)
{
	double number;

	*value = 0;
	if (statistic == PLUG_STATISTIC_USAGE) {
		if (!plug_json_double(entry, "time", &number)) {
			return false;
		}
	} else if (plug_json_double(entry, "energy", &number)) {
		number *= 1000;
	} else if (!plug_json_double(entry, "energy_wh", &number)) {
		return false;
	}
	if (!(number >= 0 && number <= max)) {
		return false;
	}
	*value = (int64_t)(number + 0.5);
	return true;
}

/* The place in the list that is the date's own, so that the list is in order at the end. */
static bool find_slot(struct json_object *entry, const struct plug_period *period, size_t *slot)
{
	const bool is_day = period->month > 0;
	int64_t year;
	int64_t month;
	int64_t day = 0;

	if (!plug_json_int(entry, "year", period->year, period->year, &year) ||
		!plug_json_int(entry, "month", is_day ? period->month : 1,
			is_day ? period->month : MONTHS, &month) ||
		(is_day && !plug_json_int(entry, "day", 1, DAYS_MAX, &day))) {
		return false;
	}
	*slot = (size_t)(is_day ? day : month) - 1;
	return true;
}

static void read_list(struct json_object *list, const struct plug_statistic_ask *ask,
	const struct plug_period *period, struct plug_statistics *statistics)
{
	const int days = period->month > 0 ? 1 : DAYS_MAX;
	const double max =
		days * (ask->statistic == PLUG_STATISTIC_ENERGY ? DAY_MAX_WH : DAY_MAX_MINUTES);
	int64_t values[DAYS_MAX] = { 0 };
	bool has_value[DAYS_MAX] = { 0 };
	bool is_possible[DAYS_MAX] = { 0 };

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		size_t slot;

		if (!find_slot(entry, period, &slot)) {
			continue;
		}
		has_value[slot] = true;
		is_possible[slot] = read_value(entry, ask->statistic, max, &values[slot]);
	}
	for (int i = 0; i < DAYS_MAX; i++) {
		if (has_value[i]) {
			statistics->entries[statistics->count++] = (struct plug_statistic_entry) {
				.year = period->year,
				.month = period->month > 0 ? period->month : i + 1,
				.day = period->month > 0 ? i + 1 : 0,
				.is_possible = is_possible[i],
				.value = values[i],
			};
		}
	}
}

enum plug_error plug_reply_statistic(const struct plug_reply *reply,
	const struct plug_statistic_ask *ask, const struct plug_period *period,
	struct plug_statistics *statistics)
{
	const char *key = period->month > 0 ? "day_list" : "month_list";
	struct json_object *answer;
	struct json_object *list;
	enum plug_error error =
		plug_reply_method(reply, plug_statistic_module(ask->statistic, ask->family),
			plug_statistic_method(period), &answer, NULL);

	*statistics = (struct plug_statistics) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_array(answer, key, &list)) {
		return PLUG_EPROTO;
	}
	read_list(list, ask, period, statistics);
	return PLUG_OK;
}
