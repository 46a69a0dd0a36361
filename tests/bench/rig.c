#include "tests/bench/rig.h"

#include <err.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256 };

void rig_open(struct rig *rig)
{
	rig->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (rig->epoll_fd < 0) {
		err(1, "epoll");
	}
}

void rig_watch(struct rig *rig, int fd, struct rig_source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	if (epoll_ctl(rig->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		err(1, "epoll");
	}
}

void rig_turn(struct rig *rig, int timeout_ms)
{
	struct epoll_event events[EVENTS_PER_TURN];
	int count = epoll_wait(rig->epoll_fd, events, EVENTS_PER_TURN, timeout_ms);

	for (int i = 0; i < count; i++) {
		struct rig_source *source = events[i].data.ptr;

		source->on_ready(source);
	}
}

void rig_close(struct rig *rig)
{
	close(rig->epoll_fd);
}
