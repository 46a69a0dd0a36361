/* tasks.h - what a device can be asked, in order of importance.
 *
 *     switch   an order for a relay                       wanted by an order's arrival
 *     read     get_sysinfo, with the reading of a plug    poll, confirmation, get, identity
 *     energy   the reading of one outlet of a strip       after a read, after a switch
 *     compare  the device's clock and zone against ours   first contact, daily, after a reboot
 *     set      its clock and zone                         when they are wrong
 *     clock    the device's date                          before the day's statistics
 *     day      the energy of one outlet today             once a minute
 *     known    what a device that replaces it would need  once a day */
#ifndef PLUG_BRIDGE_TASKS_TASKS_H
#define PLUG_BRIDGE_TASKS_TASKS_H

#include <stdbool.h>

#include "bridge/device.h"
#include "protocol/request.h"

struct device_task {
	const char *name;
	/* True when it is wanted now; sets device->target. */
	bool (*is_wanted)(struct device *device);
	enum plug_error (*write)(struct device *device, struct plug_request *request);
	/* The device answered; the reply is cleared by the caller. */
	void (*on_reply)(struct device *device, const struct plug_reply *reply);
	/* It did not, or not with a reply. */
	void (*on_failure)(struct device *device, enum plug_error error);
	bool may_repeat; /* on a new connection, without checking the MAC again */
};

extern const struct device_task task_switch, task_read, task_energy, task_compare, task_set_clock,
	task_clock, task_day, task_known;

/* The most important task wanted now; NULL for none. */
const struct device_task *task_pick(struct device *device);

#endif
