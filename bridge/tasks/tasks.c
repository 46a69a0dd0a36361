#include "bridge/tasks/tasks.h"

#include <stddef.h>

/* In order of importance. */
static const struct device_task *const tasks[] = {
	&task_switch,
	&task_read,
	&task_energy,
	&task_compare,
	&task_set_clock,
	&task_clock,
	&task_day,
	&task_known,
};

const struct device_task *task_pick(struct device *device)
{
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
		if (tasks[i]->is_wanted(device)) {
			return tasks[i];
		}
	}
	return NULL;
}
