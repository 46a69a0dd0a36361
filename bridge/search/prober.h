/* prober.h - asks an address who is there, before anything is believed of it.
 *
 * get_sysinfo alone, over TCP, on a line of its own: an order could only go to the wrong device. A
 * few addresses at a time; the others wait, in a few bytes each. */
#ifndef PLUG_BRIDGE_SEARCH_PROBER_H
#define PLUG_BRIDGE_SEARCH_PROBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/device.h"
#include "protocol/sysinfo.h"

enum {
	PROBES_RUNNING_MAX = 32,
	/* Of one device: who answers for its MAC from everywhere gets no further. */
	PROBES_PER_DEVICE_MAX = 4,
};

struct prober;

/* What became of a probe: info is NULL when nobody answered as a device does. Borrowed. May add and
 * forget, but not close. */
typedef void prober_answer_cb(
	void *arg, struct device *device, const char *address, const struct plug_sysinfo *info);

/* Borrows host. Free with prober_close. */
struct prober *prober_new(struct device_host *host, prober_answer_cb *on_answer, void *arg);

/* Will ask address, copied, on the device's port. False when it is asked already, or too much is
 * asked for this device. */
bool prober_add(struct prober *prober, struct device *device, const char *address);

/* No answer will come for this device. */
void prober_forget(struct prober *prober, struct device *device);

/* No answer will come. Frees the prober on a later turn of the loop, when its lines are closed. */
void prober_close(struct prober *prober);

#endif
