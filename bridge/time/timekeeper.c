#include "bridge/time/timekeeper.h"

#include "bridge/bridge.h"
#include "bridge/log.h"
#include "bridge/tasks/common.h"
#include "bridge/time/hostclock.h"
#include "bridge/time/zone.h"
#include "protocol/clock.h"

enum {
	LOOK_MS = 5 * 1000,
	/* Devices may be a minute off, and go to summer time by themselves. */
	CHANGE_MS = 60 * 1000,
	/* The devices named in health when many are wrong. */
	NAMED_MAX = 50,
};

static void tell(struct bridge *bridge, const struct hostclock *clock)
{
	if (clock->result < 0) {
		log_warn("time: the system does not let this program ask whether its clock is "
			 "synchronised (adjtimex): the clocks of devices are not set");
	} else if (hostclock_is_synchronised(clock)) {
		log_info(
			"time: this machine's clock is synchronised: the clocks of devices are set "
			"by it");
	} else {
		log_warn(
			"time: this machine's clock is not synchronised: the clocks of devices are "
			"not set");
	}
	publisher_mark_document(bridge->publisher, DOCUMENT_HEALTH);
	publisher_pump(bridge->publisher);
}

static void look(struct bridge *bridge)
{
	struct timekeeper *keeper = &bridge->timekeeper;
	struct clock_rule *rule = &bridge->host.clock;
	const uint64_t now_ms = uv_now(&bridge->loop);
	const int64_t offset_s = zone_offset_s(bridge_wall_ms() / 1000);
	const struct hostclock clock = hostclock_read();
	const bool is_synchronised = hostclock_is_synchronised(&clock);

	if (!keeper->is_started || is_synchronised != keeper->is_synchronised) {
		tell(bridge, &clock);
	}
	if (keeper->is_started && offset_s != keeper->offset_s) {
		log_info("time: local time is %+lld minutes from UTC now: comparing all clocks",
			(long long)offset_s / 60);
		rule->since_ms = now_ms + CHANGE_MS;
	}
	keeper->is_started = true;
	keeper->is_synchronised = is_synchronised;
	keeper->offset_s = offset_s;
	keeper->next_ms = now_ms + LOOK_MS;
	rule->is_on = is_synchronised;
}

void timekeeper_configure(struct bridge *bridge)
{
	const struct config_time *settings = &bridge->config->time;
	struct clock_rule *rule = &bridge->host.clock;

	if (!settings->sync || !plug_zone_find(settings->zone, &rule->zone)) {
		bridge->timekeeper.is_started = false;
		rule->is_on = false;
		return;
	}
	look(bridge);
}

void timekeeper_tick(struct bridge *bridge)
{
	const struct timekeeper *keeper = &bridge->timekeeper;

	if (keeper->is_started && uv_now(&bridge->loop) >= keeper->next_ms) {
		look(bridge);
	}
}

void timekeeper_put_health(const struct bridge *bridge, struct text *text)
{
	const struct device_counters *counters = &bridge->host.counters;
	const struct timekeeper *keeper = &bridge->timekeeper;
	unsigned named = 0;

	text_open(text, "clock", '{');
	text_member_flag(text, "sync", keeper->is_started);
	if (keeper->is_started) {
		text_member_flag(text, "host_synchronised", keeper->is_synchronised);
	} else {
		text_member_null(text, "host_synchronised");
	}
	text_member_string(text, "zone", bridge->config->time.zone);
	text_member_integer(text, "compared", (int64_t)counters->clocks_compared);
	text_member_integer(text, "set", (int64_t)counters->clocks_set);
	text_open(text, "wrong", '[');
	for (size_t i = 0; i < bridge->device_count && named < NAMED_MAX; i++) {
		if (task_has_wrong_clock(bridge->devices[i])) {
			text_member_string(text, NULL, bridge->devices[i]->name);
			named++;
		}
	}
	text_close(text, ']');
	text_close(text, '}');
}
