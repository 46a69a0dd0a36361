/* account.h - the lifetime counter of one outlet, from what the device says to what is told.
 *
 *     at start   the file of the last run is read (file.h), and what the broker retains is asked
 *                for; whoever is higher counts, and nothing is told before that is settled
 *     then       each reading goes through the outlet's meter (meter.h); its gaps are filled from
 *                the device's statistics (days.h)
 *
 * Pure but for the time zone: time is an argument, no I/O. */
#ifndef PLUG_BRIDGE_ENERGY_ACCOUNT_H
#define PLUG_BRIDGE_ENERGY_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/energy/calendar.h"
#include "bridge/energy/ledger.h"
#include "bridge/energy/meter.h"

/* Both clocks of the host, in seconds: since 1970, and one that nobody sets and that goes on while
 * the host sleeps. */
struct energy_time {
	int64_t wall_s, boot_s;
};

/* What every reading needs. */
struct energy_host {
	bool is_settled;
	bool is_urgent;	  /* the file should not wait for its minute */
	bool is_changed;  /* since the file was written last */
	int64_t origin_s; /* steady time is boot time and this; it began as wall time */
	int64_t set_by_s; /* the host's clock was set since then */
	int64_t wait_s;	  /* boot time until which nothing counts before it is settled */
	struct calendar calendar;
	struct energy_counters counters;
};

/* Begins steady time now. The rest of host is zeroed. */
void energy_host_init(struct energy_host *host, const struct energy_time *time);

/* One outlet's; zeroed at first. */
struct energy_account {
	struct energy_entry *entry; /* borrowed; NULL while nobody knows whose it is */
	int64_t told_wh; /* what the broker retains and the meter has not taken; 0 for none */
};

/* Takes a reading of the outlet's total. */
void energy_take_reading(struct energy_host *host, struct energy_account *account,
	const struct energy_reading *reading, const struct energy_time *time);

/* True when the device's day statistics should be asked soon, and when they can be of use now. */
bool energy_wants_statistics(const struct energy_account *account);
/* True when it is enough to ask now and then. */
bool energy_knows_statistics(const struct energy_account *account);
bool energy_can_take_statistics(struct energy_host *host, const struct energy_account *account,
	const struct energy_time *time);
/* The month to ask for. */
struct plug_period energy_ask_statistics(struct energy_host *host,
	const struct energy_account *account, const struct energy_time *time);
/* Takes the answer for that month of a device whose clock is right (calendar_agrees); days NULL
 * when there is none. */
void energy_take_statistics(struct energy_host *host, struct energy_account *account,
	const struct plug_period *month, const struct plug_statistics *days,
	const struct energy_time *time);

/* What can be told of an outlet now. */
struct energy_told {
	bool has_energy, has_today;
	int64_t energy_wh, today_wh;
};
struct energy_told energy_tell(
	struct energy_host *host, struct energy_account *account, const struct energy_time *time);

/* The payload of a retained energy topic: "55.139" kWh gives 55139. False for anything else. */
bool energy_parse_told(const char *payload, int64_t *energy_wh);

#endif
