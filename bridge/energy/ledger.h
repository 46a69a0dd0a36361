/* ledger.h - the meters of all outlets, and the text they are kept as.
 *
 *     plugbridge energy 1
 *     50:C7:BF:00:00:01/0 9ae0daaf energy 55139 total 16323 seen 1795253400 day 20778 420
 *         anchor 20778 400 20 gap 0 0 lag 1 flags 67 1b2c3d4e          (one line)
 *
 * An outlet is the MAC of its device and its number in it, so that it keeps its counter when it is
 * renamed. Behind that the checksum of the topic it is published under: what is retained there
 * belongs to it only if it was so named before. At the end the checksum of the line.
 * Pure: no I/O. */
#ifndef PLUG_BRIDGE_ENERGY_LEDGER_H
#define PLUG_BRIDGE_ENERGY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/energy/meter.h"
#include "protocol/mac.h"

struct energy_entry {
	struct energy_meter meter;
	uint32_t topic_sum;
	uint8_t mac[PLUG_MAC_BYTES];
	uint8_t outlet;
	bool is_renamed; /* published under another topic before */
};

/* Zeroed at first. */
struct energy_ledger {
	struct energy_entry **entries; /* by MAC and outlet; each stays where it is */
	size_t count, capacity;
	size_t kept_count; /* so many are in a file */
};

void energy_ledger_clear(struct energy_ledger *ledger);

/* The entry of an outlet that is published under topic; a new one when there is none, and then the
 * counter of whoever was published there before goes on in it. Borrowed until the ledger is
 * cleared. */
struct energy_entry *energy_ledger_claim(struct energy_ledger *ledger,
	const uint8_t mac[static PLUG_MAC_BYTES], size_t outlet, const char *topic);

enum energy_line { ENERGY_LINE_TAKEN, ENERGY_LINE_DAMAGED, ENERGY_LINE_NEWER };

/* Takes one line of the file; number counts from 0. Entries that nobody used for a year are
 * dropped. */
enum energy_line energy_ledger_take_line(
	struct energy_ledger *ledger, const char *line, size_t number, int64_t wall_s);

/* Gives a copy of all entries, quickly and in one piece (caller frees), with
 * times by the host's clock as it is set now ... */
struct energy_copy *energy_ledger_copy(const struct energy_ledger *ledger, int64_t set_by_s);
/* ... and writes the lines of the file: thousands take a while, which the loop has not. */
void energy_ledger_write(const struct energy_copy *copy, FILE *out);

#endif
