#include "tests/bench/answer.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__attribute__((format(printf, 2, 3))) static void add(
	struct answer *answer, const char *format, ...)
{
	size_t room = ANSWER_BYTES - answer->size;
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(answer->text + answer->size, room, format, arguments);
	va_end(arguments);
	if (size < 0 || (size_t)size >= room) {
		errx(1, "a reply over %d bytes", ANSWER_BYTES);
	}
	answer->size += (size_t)size;
}

static void add_sysinfo(struct answer *answer, const struct answer_plug *plug)
{
	const size_t index = plug->index;

	add(answer,
		"\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.5.4 Build 180815 Rel.121440\","
		"\"hw_ver\":\"2.0\",\"type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS110(EU)\","
		"\"mac\":\"50:C7:BF:%02zX:%02zX:%02zX\","
		"\"dev_name\":\"Smart Wi-Fi Plug With Energy Monitoring\","
		"\"alias\":\"Showcase %zu\",\"relay_state\":%d,\"on_time\":%llu,",
		index >> 16 & 0xff, index >> 8 & 0xff, index & 0xff, index, plug->is_on,
		(unsigned long long)plug->on_time_s);
	add(answer,
		"\"active_mode\":\"none\",\"feature\":\"TIM:ENE\",\"updating\":0,"
		"\"icon_hash\":\"\",\"rssi\":%d,\"led_off\":0,\"longitude_i\":0,"
		"\"latitude_i\":0,\"hwId\":\"%032zX\",\"fwId\":\"%032d\",\"deviceId\":\"%040zX\","
		"\"oemId\":\"%032zX\",\"next_action\":{\"type\":-1},\"err_code\":0}}",
		plug->rssi_dbm, index, 0, index, index);
}

static void add_realtime(struct answer *answer, const struct answer_plug *plug)
{
	(void)plug;
	add(answer, "\"emeter\":{\"get_realtime\":{\"voltage_mv\":230837,\"current_ma\":451,"
		    "\"power_mw\":61753,\"total_wh\":16323,\"err_code\":0}}");
}

/* Plugs keep the local time of their place: this machine's. */
static struct tm local_now(void)
{
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_year += 1900;
	tm.tm_mon += 1;
	return tm;
}

static void add_time(struct answer *answer, const struct answer_plug *plug)
{
	struct tm tm = local_now();

	(void)plug;
	add(answer,
		"\"time\":{\"get_time\":{\"year\":%d,\"month\":%d,\"mday\":%d,\"hour\":%d,"
		"\"min\":%d,\"sec\":%d,\"err_code\":0}}",
		tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_day_statistics(struct answer *answer, const struct answer_plug *plug)
{
	struct tm tm = local_now();

	(void)plug;
	add(answer,
		"\"emeter\":{\"get_daystat\":{\"day_list\":[{\"year\":%d,\"month\":%d,\"day\":%d,"
		"\"energy_wh\":412}],\"err_code\":0}}",
		tm.tm_year, tm.tm_mon, tm.tm_mday);
}

static void add_switched(struct answer *answer, const struct answer_plug *plug)
{
	(void)plug;
	add(answer, "\"system\":{\"set_relay_state\":{\"err_code\":0}}");
}

static void add_zone(struct answer *answer, const struct answer_plug *plug)
{
	enum { ZONE_UTC = 38 }; /* the vendor's number */

	(void)plug;
	add(answer, "\"time\":{\"get_timezone\":{\"index\":%d,\"err_code\":0}}", ZONE_UTC);
}

static void add_schedule(struct answer *answer, const struct answer_plug *plug)
{
	(void)plug;
	add(answer, "\"schedule\":{\"get_rules\":{\"rule_list\":[],\"version\":2,\"enable\":1,"
		    "\"err_code\":0}}");
}

static void add_countdown(struct answer *answer, const struct answer_plug *plug)
{
	(void)plug;
	add(answer, "\"count_down\":{\"get_rules\":{\"rule_list\":[],\"err_code\":0}}");
}

static void add_away(struct answer *answer, const struct answer_plug *plug)
{
	(void)plug;
	add(answer, "\"anti_theft\":{\"get_rules\":{\"rule_list\":[],\"version\":2,\"enable\":0,"
		    "\"err_code\":0}}");
}

/* By the one word that tells each from the others. */
static const struct {
	const char *word;
	void (*add)(struct answer *answer, const struct answer_plug *plug);
} methods[] = {
	{ "\"set_relay_state\"", add_switched },
	{ "\"get_sysinfo\"", add_sysinfo },
	{ "\"get_realtime\"", add_realtime },
	{ "\"get_daystat\"", add_day_statistics },
	{ "\"get_time\"", add_time },
	{ "\"get_timezone\"", add_zone },
	{ "\"schedule\"", add_schedule },
	{ "\"count_down\"", add_countdown },
	{ "\"anti_theft\"", add_away },
};

/* The requests are our own bridge's: a measuring tool may look for words instead of parsing. */
enum answer_kind answer_kind(const char *request, bool *is_on)
{
	static const char key[] = "\"state\":";
	const char *state = strstr(request, key);

	*is_on = state && strtol(state + strlen(key), NULL, 10) == 1;
	if (strstr(request, "\"set_relay_state\"")) {
		return ANSWER_SWITCH;
	}
	return strstr(request, "\"get_sysinfo\"") ? ANSWER_POLL : ANSWER_OTHER;
}

void answer_write(struct answer *answer, const char *request, const struct answer_plug *plug)
{
	const char *separator = "{";

	answer->size = 0;
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strstr(request, methods[i].word)) {
			continue;
		}
		add(answer, "%s", separator);
		methods[i].add(answer, plug);
		separator = ",";
	}
	if (answer->size == 0) {
		errx(1, "a request the bench's plugs do not know: %s", request);
	}
	add(answer, "}");
}
