/* statistics.h - what devices keep of days and months: energy, and minutes switched on.
 *
 *     energy   {"day_list":[{"year","month","day","energy" kWh | "energy_wh"}, ...]}
 *     usage    {"month_list":[{"year","month","time" minutes}, ...]}
 *
 * Lists come in no certain order and hold only what has data. HS110 hardware 1 writes kWh as float,
 * everything newer Wh. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_STATISTICS_H
#define PLUG_PROTOCOL_STATISTICS_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plug_statistic { PLUG_STATISTIC_ENERGY, PLUG_STATISTIC_USAGE };

enum {
	PLUG_STATISTICS_MAX = 31, /* days of a month */
	PLUG_YEAR_MIN = 1970,
	PLUG_YEAR_MAX = 9999,
};

/* Which module keeps it: "emeter", "schedule" and what bulbs call them. Static. */
const char *plug_statistic_module(enum plug_statistic statistic, enum plug_family family);

/* A month (days are asked for), or with month 0 a year (months are asked for). */
struct plug_period {
	int year, month;
};

/* "get_daystat", "get_monthstat"; "erase_emeter_stat", "erase_runtime_stat". Static. */
const char *plug_statistic_method(const struct plug_period *period);
const char *plug_statistic_erase_method(enum plug_statistic statistic);

/* Whose statistics. child_id is one outlet of a strip, or NULL. */
struct plug_statistic_ask {
	enum plug_statistic statistic;
	enum plug_family family;
	const char *child_id;
};

/* Each returns PLUG_OK, PLUG_ETOOBIG, or PLUG_EINVAL for a period in no calendar. */
enum plug_error plug_request_statistic(struct plug_request *request,
	const struct plug_statistic_ask *ask, const struct plug_period *period);
enum plug_error plug_request_erase_statistic(
	struct plug_request *request, const struct plug_statistic_ask *ask);

struct plug_statistic_entry {
	int year, month;
	int day;	  /* 0 in a list of months */
	bool is_possible; /* false: no meter can have counted this, and value is 0 */
	int64_t value;	  /* Wh or minutes */
};

struct plug_statistics {
	size_t count;
	struct plug_statistic_entry entries[PLUG_STATISTICS_MAX]; /* by date, each date once */
};

/* Reads the answer of plug_request_statistic. Entries of other periods are left out; of a doubled
 * date the last counts. An entry that cannot be true (no number, below 0, above 25 hours a day at 5
 * kW: HS110 are known for wrong days after their clock was set) says so and spoils no other.
 * PLUG_EPROTO when there is no list; otherwise as plug_reply_method. *statistics is empty on
 * failure. */
enum plug_error plug_reply_statistic(const struct plug_reply *reply,
	const struct plug_statistic_ask *ask, const struct plug_period *period,
	struct plug_statistics *statistics);

#endif
