/* common.h - what the tasks of a device share. */
#ifndef PLUG_BRIDGE_TASKS_COMMON_H
#define PLUG_BRIDGE_TASKS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/device.h"

uint64_t task_now_ms(const struct device *device);
struct energy_time task_energy_time(void);
/* Since 1970. */
int64_t task_wall_ms(void);

/* The outlet has these leaves to publish; none is allowed. */
void task_changed(struct device *device, struct outlet *outlet, uint32_t leaves);

/* On a kept connection the other end cannot have changed; a plug that closes after each reply is
 * taken for itself from one poll to the next but one. */
bool task_is_trusted(const struct device *device);

/* The running order goes back to wait, or makes room for a newer one. */
void task_retry_order(struct outlet *outlet);

/* Takes the reading in reply, or its absence; returns the leaves to publish. */
uint32_t task_take_reading(
	struct device *device, const struct plug_reply *reply, struct outlet *outlet);

/* The outlets of a strip were read: sums them up. */
void task_add_up(struct device *device);

/* The device has come: what a device that replaces it would need is to be read. And the end. */
void task_plan_known(struct device *device);
void task_free_known(struct device *device);

/* The device has come, and may have lost its clock. And the end. */
void task_plan_clock(struct device *device);
void task_free_clock(struct device *device);
/* True when its clock is wrong and cannot be set. */
bool task_has_wrong_clock(const struct device *device);

/* For side questions, which never make a device offline: the next read decides. */
void task_on_side_failure(struct device *device, enum plug_error error);

#endif
