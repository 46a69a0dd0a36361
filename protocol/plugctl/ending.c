#include "protocol/plugctl/ending.h"

#include <stdlib.h>
#include <unistd.h>

#include "config/streams.h"

enum { GRACE_MS = 100 };

static bool is_held_up;

static void on_timer(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

bool ending_drain(uv_loop_t *loop)
{
	uv_timer_t timer;
	bool is_done;

	uv_timer_init(loop, &timer);
	uv_timer_start(&timer, on_timer, GRACE_MS, 0);
	uv_unref((uv_handle_t *)&timer);
	uv_run(loop, UV_RUN_DEFAULT);
	is_done = !uv_loop_alive(loop);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(loop, UV_RUN_NOWAIT);
	is_held_up |= !is_done;
	return is_done;
}

_Noreturn void ending_exit(int status)
{
	status = streams_close("plugctl", status);
	if (is_held_up) {
		_exit(status);
	}
	exit(status);
}
