#include "bridge/energy/account.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/energy/days.h"

enum {
	SETTLE_MAX_S = 10,
	DECIMALS = 3,
	/* Digits of a counter of ours before the point. */
	WHOLE_DIGITS_MAX = 9,
};

void energy_host_init(struct energy_host *host, const struct energy_time *time)
{
	*host = (struct energy_host) {
		.origin_s = time->wall_s - time->boot_s,
		.wait_s = time->boot_s + SETTLE_MAX_S,
	};
}

static struct energy_moment moment(struct energy_host *host, const struct energy_time *time)
{
	struct energy_moment now = {
		.steady_s = time->boot_s + host->origin_s,
		.wall_s = time->wall_s,
	};

	host->set_by_s = now.wall_s - now.steady_s;
	calendar_find_day(&host->calendar, &now);
	return now;
}

/* A renamed outlet's topic was another's. */
static void take_told(struct energy_account *account)
{
	if (account->told_wh > 0 && !account->entry->is_renamed) {
		energy_meter_raise(&account->entry->meter, account->told_wh);
	}
	account->told_wh = 0;
}

/* What the broker retains comes first: who has no counter gets one from it, and who was reset just
 * now has counted up to there. But a broker that is not there does not stop the counting. */
static bool has_begun(const struct energy_host *host, const struct energy_account *account,
	const struct energy_time *time)
{
	return account->entry &&
	       (host->is_settled || (energy_has(&account->entry->meter, ENERGY_HAS_TOTAL) &&
					    time->boot_s >= host->wait_s));
}

void energy_take_reading(struct energy_host *host, struct energy_account *account,
	const struct energy_reading *reading, const struct energy_time *time)
{
	const struct energy_moment now = moment(host, time);
	const uint64_t resets = host->counters.resets;
	struct energy_meter *meter = account->entry ? &account->entry->meter : NULL;
	bool had_total = false;

	if (!has_begun(host, account, time)) {
		return;
	}
	take_told(account);
	had_total = energy_has(meter, ENERGY_HAS_TOTAL);
	if (energy_meter_take(meter, reading, &now, &host->counters)) {
		host->is_changed = true;
		host->is_urgent = host->is_urgent || !had_total || host->counters.resets > resets;
	}
}

bool energy_wants_statistics(const struct energy_account *account)
{
	return account->entry && energy_wants_days(&account->entry->meter);
}

bool energy_knows_statistics(const struct energy_account *account)
{
	return account->entry && energy_is_anchored(&account->entry->meter);
}

bool energy_can_take_statistics(struct energy_host *host, const struct energy_account *account,
	const struct energy_time *time)
{
	const struct energy_moment now = moment(host, time);

	return has_begun(host, account, time) && energy_can_compare(&account->entry->meter, &now);
}

struct plug_period energy_ask_statistics(struct energy_host *host,
	const struct energy_account *account, const struct energy_time *time)
{
	const struct energy_moment now = moment(host, time);

	return account->entry ? energy_month(&account->entry->meter, &now)
			      : calendar_month(now.day);
}

void energy_take_statistics(struct energy_host *host, struct energy_account *account,
	const struct plug_period *month, const struct plug_statistics *days,
	const struct energy_time *time)
{
	const struct energy_moment now = moment(host, time);
	struct energy_meter *meter = account->entry ? &account->entry->meter : NULL;

	if (meter && (days ? energy_take_days(meter, month, days, &now, &host->counters)
			   : energy_give_up_days(meter))) {
		host->is_changed = true;
	}
}

struct energy_told energy_tell(
	struct energy_host *host, struct energy_account *account, const struct energy_time *time)
{
	const struct energy_moment now = moment(host, time);
	struct energy_told told = { 0 };

	if (host->is_settled && account->entry) {
		take_told(account);
		told.has_energy = energy_meter_energy(&account->entry->meter, &told.energy_wh);
		told.has_today = energy_meter_today(&account->entry->meter, &now, &told.today_wh);
	}
	return told;
}

bool energy_parse_told(const char *payload, int64_t *energy_wh)
{
	const size_t whole = strspn(payload, "0123456789");
	const char *rest = payload + whole;
	size_t decimals = 0;

	*energy_wh = 0;
	if (*rest == '.') {
		rest++;
		decimals = strspn(rest, "0123456789");
	}
	if (whole == 0 || whole > WHOLE_DIGITS_MAX || decimals > DECIMALS ||
		rest[decimals] != '\0') {
		return false;
	}
	*energy_wh = strtoll(payload, NULL, 10);
	for (size_t i = 0; i < DECIMALS; i++) {
		*energy_wh = *energy_wh * 10 + (i < decimals ? rest[i] - '0' : 0);
	}
	return true;
}
