/* rig.h - the measuring program's one loop: what is watched, and one turn of it.
 *
 * One thread does everything, so every time stamp comes from one clock in the order of events. */
#ifndef PLUG_TESTS_BENCH_RIG_H
#define PLUG_TESTS_BENCH_RIG_H

#include <stdbool.h>
#include <stdint.h>

/* Stands first in whatever is watched. */
struct rig_source {
	void (*on_ready)(struct rig_source *source);
};

struct rig {
	int epoll_fd;
};

void rig_open(struct rig *rig);
void rig_watch(struct rig *rig, int fd, struct rig_source *source);
/* Waits for at most timeout_ms and handles what is ready. */
void rig_turn(struct rig *rig, int timeout_ms);
void rig_close(struct rig *rig);

#endif
