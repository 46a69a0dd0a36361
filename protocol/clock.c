#include "protocol/clock.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

#include "protocol/call.h"
#include "protocol/json.h"

static const char *const zones[PLUG_ZONE_COUNT] = {
	"Etc/GMT+12",
	"Pacific/Samoa",
	"US/Hawaii",
	"US/Alaska",
	"Mexico/BajaNorte",
	"Etc/GMT+8",
	"PST8PDT",
	"US/Arizona",
	"America/Mazatlan",
	"MST",
	"MST7MDT",
	"Mexico/General",
	"Etc/GMT+6",
	"CST6CDT",
	"America/Monterrey",
	"Canada/Saskatchewan",
	"America/Bogota",
	"Etc/GMT+5",
	"America/New_York",
	"America/Indiana/Indianapolis",
	"America/Caracas",
	"America/Asuncion",
	"Etc/GMT+4",
	"Canada/Atlantic",
	"America/Cuiaba",
	"Brazil/West",
	"America/Santiago",
	"Canada/Newfoundland",
	"America/Sao_Paulo",
	"America/Argentina/Buenos_Aires",
	"America/Cayenne",
	"America/Miquelon",
	"America/Montevideo",
	"Chile/Continental",
	"Etc/GMT+2",
	"Atlantic/Azores",
	"Atlantic/Cape_Verde",
	"Africa/Casablanca",
	"UCT",
	"GB",
	"Africa/Monrovia",
	"Europe/Amsterdam",
	"Europe/Belgrade",
	"Europe/Brussels",
	"Europe/Sarajevo",
	"Africa/Lagos",
	"Africa/Windhoek",
	"Asia/Amman",
	"Europe/Athens",
	"Asia/Beirut",
	"Africa/Cairo",
	"Asia/Damascus",
	"EET",
	"Africa/Harare",
	"Europe/Helsinki",
	"Asia/Istanbul",
	"Asia/Jerusalem",
	"Europe/Kaliningrad",
	"Africa/Tripoli",
	"Asia/Baghdad",
	"Asia/Kuwait",
	"Europe/Minsk",
	"Europe/Moscow",
	"Africa/Nairobi",
	"Asia/Tehran",
	"Asia/Muscat",
	"Asia/Baku",
	"Europe/Samara",
	"Indian/Mauritius",
	"Asia/Tbilisi",
	"Asia/Yerevan",
	"Asia/Kabul",
	"Asia/Ashgabat",
	"Asia/Yekaterinburg",
	"Asia/Karachi",
	"Asia/Kolkata",
	"Asia/Colombo",
	"Asia/Kathmandu",
	"Asia/Almaty",
	"Asia/Dhaka",
	"Asia/Novosibirsk",
	"Asia/Rangoon",
	"Asia/Bangkok",
	"Asia/Krasnoyarsk",
	"Asia/Chongqing",
	"Asia/Irkutsk",
	"Asia/Singapore",
	"Australia/Perth",
	"Asia/Taipei",
	"Asia/Ulaanbaatar",
	"Asia/Tokyo",
	"Asia/Seoul",
	"Asia/Yakutsk",
	"Australia/Adelaide",
	"Australia/Darwin",
	"Australia/Brisbane",
	"Australia/Canberra",
	"Pacific/Guam",
	"Australia/Hobart",
	"Antarctica/DumontDUrville",
	"Asia/Magadan",
	"Asia/Srednekolymsk",
	"Etc/GMT-11",
	"Asia/Anadyr",
	"Pacific/Auckland",
	"Etc/GMT-12",
	"Pacific/Fiji",
	"Etc/GMT-13",
	"Pacific/Apia",
	"Etc/GMT-14",
};

/* What people call zones that the vendor's list has under another name of the same time. */
static const struct other_name {
	const char *name;
	int index;
} other_names[] = {
	{ "America/Anchorage", 3 },
	{ "America/Chicago", 13 },
	{ "America/Denver", 10 },
	{ "America/Halifax", 23 },
	{ "America/Los_Angeles", 6 },
	{ "America/Mexico_City", 11 },
	{ "America/Phoenix", 7 },
	{ "America/St_Johns", 27 },
	{ "Asia/Calcutta", 75 },
	{ "Asia/Hong_Kong", 84 },
	{ "Asia/Shanghai", 84 },
	{ "Atlantic/Reykjavik", 40 },
	{ "Australia/Melbourne", 96 },
	{ "Australia/Sydney", 96 },
	{ "Europe/Belfast", 39 },
	{ "Europe/Berlin", 41 },
	{ "Europe/Bratislava", 42 },
	{ "Europe/Bucharest", 48 },
	{ "Europe/Budapest", 42 },
	{ "Europe/Copenhagen", 43 },
	{ "Europe/Kiev", 54 },
	{ "Europe/Kyiv", 54 },
	{ "Europe/Lisbon", 39 },
	{ "Europe/Ljubljana", 42 },
	{ "Europe/London", 39 },
	{ "Europe/Luxembourg", 41 },
	{ "Europe/Madrid", 43 },
	{ "Europe/Oslo", 41 },
	{ "Europe/Paris", 43 },
	{ "Europe/Prague", 42 },
	{ "Europe/Riga", 54 },
	{ "Europe/Rome", 41 },
	{ "Europe/Skopje", 44 },
	{ "Europe/Sofia", 54 },
	{ "Europe/Stockholm", 41 },
	{ "Europe/Tallinn", 54 },
	{ "Europe/Vienna", 41 },
	{ "Europe/Vilnius", 54 },
	{ "Europe/Warsaw", 44 },
	{ "Europe/Zagreb", 44 },
	{ "Europe/Zurich", 41 },
	{ "Pacific/Honolulu", 2 },
	{ "UTC", 38 },
	{ "Etc/UTC", 38 },
};

const char *plug_zone_name(int index)
{
	return index >= 0 && index < PLUG_ZONE_COUNT ? zones[index] : NULL;
}

static bool read_index(const char *text, int *index)
{
	int number = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at < '0' || *at > '9' || number >= PLUG_ZONE_COUNT) {
			return false;
		}
		number = number * 10 + (*at - '0');
	}
	if (text[0] == '\0' || number >= PLUG_ZONE_COUNT) {
		return false;
	}
	*index = number;
	return true;
}

bool plug_zone_find(const char *name, int *index)
{
	*index = 0;
	for (int i = 0; i < PLUG_ZONE_COUNT; i++) {
		if (strcasecmp(zones[i], name) == 0) {
			*index = i;
			return true;
		}
	}
	for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
		if (strcasecmp(other_names[i].name, name) == 0) {
			*index = other_names[i].index;
			return true;
		}
	}
	return read_index(name, index);
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

bool plug_time_is_valid(const struct plug_time *time)
{
	return time->year >= 1970 && time->year <= 9999 && time->month >= 1 && time->month <= 12 &&
	       time->day >= 1 && time->day <= days_in_month(time->year, time->month) &&
	       time->hour >= 0 && time->hour <= 23 && time->minute >= 0 && time->minute <= 59 &&
	       time->second >= 0 && time->second <= 59;
}

/* Digits of exactly this shape: 9 stands for a digit, T for T or a space. */
static bool has_shape(const char *text, const char *shape)
{
	for (; *shape != '\0'; text++, shape++) {
		const bool is_digit = *text >= '0' && *text <= '9';

		if (*shape == '9' ? !is_digit
				  : *text != *shape && !(*shape == 'T' && *text == ' ')) {
			return false;
		}
	}
	return *text == '\0';
}

static int read_digits(const char *text, int count)
{
	int number = 0;

	for (int i = 0; i < count; i++) {
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

bool plug_time_parse(const char *text, struct plug_time *time)
{
	const bool has_seconds = has_shape(text, "9999-99-99T99:99:99");

	*time = (struct plug_time) { 0 };
	if (!has_seconds && !has_shape(text, "9999-99-99T99:99")) {
		return false;
	}
	time->year = read_digits(text, 4);
	time->month = read_digits(text + 5, 2);
	time->day = read_digits(text + 8, 2);
	time->hour = read_digits(text + 11, 2);
	time->minute = read_digits(text + 14, 2);
	time->second = has_seconds ? read_digits(text + 17, 2) : 0;
	if (!plug_time_is_valid(time)) {
		*time = (struct plug_time) { 0 };
		return false;
	}
	return true;
}

/* Days since some day long ago, counting years from March so that leap days come last. */
static int64_t day_number(const struct plug_time *time)
{
	const int64_t month = (time->month + 9) % 12;
	const int64_t year = time->year - month / 10;

	return 365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + time->day;
}

int64_t plug_time_difference_s(const struct plug_time *a, const struct plug_time *b)
{
	const int64_t hours = 24 * (day_number(a) - day_number(b)) + a->hour - b->hour;

	return (hours * 60 + a->minute - b->minute) * 60 + a->second - b->second;
}

enum plug_error plug_request_timezone(struct plug_request *request, enum plug_family family)
{
	const struct plug_call_name name = { NULL, plug_family_traits(family)->time_module,
		"get_timezone" };

	return plug_call_plain(request, &name);
}

static void put_time(struct plug_call *call, const struct plug_time *time)
{
	plug_call_int(call, "year", time->year);
	plug_call_int(call, "month", time->month);
	plug_call_int(call, "mday", time->day);
	plug_call_int(call, "hour", time->hour);
	plug_call_int(call, "min", time->minute);
	plug_call_int(call, "sec", time->second);
}

enum plug_error plug_request_set_timezone(struct plug_request *request, enum plug_family family,
	int index, const struct plug_time *time)
{
	const struct plug_method method = { plug_family_traits(family)->time_module,
		"set_timezone" };
	struct plug_call call;

	if (!plug_zone_name(index) || !plug_time_is_valid(time)) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, method);
	plug_call_int(&call, "index", index);
	put_time(&call, time);
	return plug_call_end(&call);
}

enum plug_error plug_request_set_time(
	struct plug_request *request, enum plug_family family, const struct plug_time *time)
{
	const struct plug_method method = { plug_family_traits(family)->time_module, "set_time" };
	struct plug_call call;

	if (!plug_time_is_valid(time)) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, method);
	put_time(&call, time);
	return plug_call_end(&call);
}

enum plug_error plug_reply_timezone(
	const struct plug_reply *reply, enum plug_family family, int *index)
{
	struct json_object *answer;
	int64_t number;
	const enum plug_error error = plug_reply_method(
		reply, plug_family_traits(family)->time_module, "get_timezone", &answer, NULL);

	*index = 0;
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_int(answer, "index", 0, INT_MAX, &number)) {
		return PLUG_EPROTO;
	}
	*index = (int)number;
	return PLUG_OK;
}
