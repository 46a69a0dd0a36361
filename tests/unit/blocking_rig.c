#include "tests/unit/blocking_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "tests/unit/fake_plug.h"

struct blocking_plug {
	uv_loop_t loop;
	uv_thread_t thread;
	uv_async_t wake;
	uv_sem_t done; /* the thread has started, or has done what it was woken for */
	uv_mutex_t mutex;
	struct fake_plug fake; /* the thread's own */
	uint16_t port;
	/* Under the mutex. */
	const char *sysinfo, *answer;
	enum blocking_way way;
	char *last;
	size_t requests, connects;
	bool must_break, must_stop;
};

static void answer_half(struct fake_connection *connection, const char *text)
{
	size_t size;
	uint8_t *frame = fake_frame(text, &size);

	connection->ends = true;
	fake_drip(connection, frame, size / 2, size, 1);
	free(frame);
}

static void act(struct fake_connection *connection, enum blocking_way way, const char *answer)
{
	switch (way) {
	case WAY_HANG:
		break;
	case WAY_CLOSE:
		fake_close(connection);
		break;
	case WAY_HALF:
		answer_half(connection, answer);
		break;
	case WAY_ANSWER_CLOSE: {
		size_t size;
		uint8_t *frame = fake_frame(answer, &size);

		connection->ends = true;
		fake_drip(connection, frame, size, size, 1);
		free(frame);
		break;
	}
	default:
		fake_answer(connection, answer);
		break;
	}
}

static void on_request(struct fake_connection *connection, const char *text)
{
	struct blocking_plug *plug = connection->plug->data;
	const bool is_sysinfo = strstr(text, "get_sysinfo") != NULL;
	enum blocking_way way;
	const char *answer;

	uv_mutex_lock(&plug->mutex);
	free(plug->last);
	plug->last = mem_copy(text);
	plug->requests++;
	plug->connects = plug->fake.connects;
	way = is_sysinfo && plug->way != WAY_ANSWER_CLOSE ? WAY_ANSWER : plug->way;
	answer = is_sysinfo ? plug->sysinfo : plug->answer;
	uv_mutex_unlock(&plug->mutex);
	act(connection, way, answer);
}

static void break_all(struct blocking_plug *plug)
{
	while (plug->fake.connections) {
		uv_os_fd_t fd;

		assert_int_equal(uv_fileno((uv_handle_t *)&plug->fake.connections->tcp, &fd), 0);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		fake_reset(plug->fake.connections);
	}
}

/* A reset goes out when the descriptor is closed, which libuv does before it calls back. */
static void on_wake(uv_async_t *wake)
{
	struct blocking_plug *plug = wake->data;
	bool must_break;
	bool must_stop;

	uv_mutex_lock(&plug->mutex);
	must_break = plug->must_break;
	must_stop = plug->must_stop;
	plug->must_break = false;
	uv_mutex_unlock(&plug->mutex);
	if (must_break) {
		break_all(plug);
		uv_sem_post(&plug->done);
	}
	if (must_stop) {
		fake_plug_stop(&plug->fake);
		uv_close((uv_handle_t *)&plug->wake, NULL);
	}
}

static void run(void *data)
{
	struct blocking_plug *plug = data;

	uv_run(&plug->loop, UV_RUN_DEFAULT);
}

struct blocking_plug *blocking_plug_start(
	const char *sysinfo, enum blocking_way way, const char *answer)
{
	struct blocking_plug *plug = mem_new(sizeof *plug);

	plug->sysinfo = sysinfo;
	plug->way = way;
	plug->answer = answer;
	assert_int_equal(uv_loop_init(&plug->loop), 0);
	assert_int_equal(uv_mutex_init(&plug->mutex), 0);
	assert_int_equal(uv_sem_init(&plug->done, 0), 0);
	assert_int_equal(uv_async_init(&plug->loop, &plug->wake, on_wake), 0);
	plug->wake.data = plug;
	fake_plug_init(&plug->fake, &plug->loop, on_request);
	plug->fake.data = plug;
	plug->port = plug->fake.port;
	assert_int_equal(uv_thread_create(&plug->thread, run, plug), 0);
	return plug;
}

void blocking_plug_stop(struct blocking_plug *plug)
{
	if (!plug) {
		return;
	}
	uv_mutex_lock(&plug->mutex);
	plug->must_stop = true;
	uv_mutex_unlock(&plug->mutex);
	uv_async_send(&plug->wake);
	uv_thread_join(&plug->thread);
	assert_int_equal(uv_loop_close(&plug->loop), 0);
	uv_mutex_destroy(&plug->mutex);
	uv_sem_destroy(&plug->done);
	free(plug->last);
	free(plug);
}

uint16_t blocking_plug_port(const struct blocking_plug *plug)
{
	return plug->port;
}

void blocking_plug_change(struct blocking_plug *plug, enum blocking_way way, const char *answer)
{
	uv_mutex_lock(&plug->mutex);
	plug->way = way;
	plug->answer = answer;
	uv_mutex_unlock(&plug->mutex);
}

size_t blocking_plug_requests(struct blocking_plug *plug)
{
	size_t requests;

	uv_mutex_lock(&plug->mutex);
	requests = plug->requests;
	uv_mutex_unlock(&plug->mutex);
	return requests;
}

size_t blocking_plug_connects(struct blocking_plug *plug)
{
	size_t connects;

	uv_mutex_lock(&plug->mutex);
	connects = plug->connects;
	uv_mutex_unlock(&plug->mutex);
	return connects;
}

const char *blocking_plug_last(struct blocking_plug *plug)
{
	const char *last;

	uv_mutex_lock(&plug->mutex);
	last = plug->last;
	uv_mutex_unlock(&plug->mutex);
	return last;
}

void blocking_plug_break(struct blocking_plug *plug)
{
	uv_mutex_lock(&plug->mutex);
	plug->must_break = true;
	uv_mutex_unlock(&plug->mutex);
	uv_async_send(&plug->wake);
	uv_sem_wait(&plug->done);
}
