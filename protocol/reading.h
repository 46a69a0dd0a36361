/* reading.h - what the energy meter of a device answers.
 *
 *     {"voltage":231.06,"current":0.014,"power":0.92,"total":55.139}            V, A, W, kWh
 *     {"voltage_mv":230837,"current_ma":451,"power_mw":61753,"total_wh":16323}
 *
 * The first dialect is spoken by HS110 hardware 1, the second by everything newer. Which one is
 * asked of each quantity in each reply, never of the model: labels and hardware versions disagree
 * on some HS110. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_READING_H
#define PLUG_PROTOCOL_READING_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/reply.h"

#include <stdbool.h>
#include <stdint.h>

/* One reading; each quantity is there or not on its own. */
struct plug_realtime {
	bool has_power, has_voltage, has_current, has_total;
	int64_t power_mw, voltage_mv, current_ma, total_wh;
};

/* Plausible: 0 <= P <= 5 kW, 0 <= I <= 25 A, 0 <= V <= 300 V, total >= 0, all finite. A reading
 * with any quantity outside, or with none at all, is dropped whole: PLUG_EPROTO and *reading
 * zeroed. Bulbs that report voltage and current as always 0 have neither. Otherwise as
 * plug_reply_method. */
enum plug_error plug_reply_realtime(
	const struct plug_reply *reply, enum plug_family family, struct plug_realtime *reading);

#endif
