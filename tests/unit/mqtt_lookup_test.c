/* A resolver that does not answer: Paho then holds its lock for as long as that takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <netdb.h>
#include <stdatomic.h>
#include <time.h>

#include "tests/unit/mqtt_rig.h"

enum { STALL_S = 5 };

static atomic_int lookups;

/* Stands before the C library's for the whole process, Paho included. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **result)
{
	const struct timespec stall = { .tv_sec = STALL_S };

	(void)name;
	(void)service;
	(void)hints;
	*result = NULL;
	atomic_fetch_add(&lookups, 1);
	(void)nanosleep(&stall, NULL);
	return EAI_AGAIN;
}

static int thread_count(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int count = 0;

	assert_non_null(tasks);
	while (readdir(tasks)) {
		count++;
	}
	(void)closedir(tasks);
	return count;
}

static void do_nothing(void *arg)
{
	(void)arg;
}

/* ThreadSanitizer starts a thread of its own together with the first one of ours. */
static int threads_at_rest(void)
{
	uv_thread_t thread;

	assert_int_equal(uv_thread_create(&thread, do_nothing, NULL), 0);
	assert_int_equal(uv_thread_join(&thread), 0);
	return thread_count();
}

static void a_stalled_lookup_stops_neither_the_loop_nor_the_end(void **state)
{
	struct rig *rig = *state;
	const int threads = threads_at_rest();
	struct mqtt_options options;

	rig->broker.port = 1883;
	options = client_options(rig);
	options.host = "stalls.invalid";
	rig_watch_gaps(rig);
	client_start(rig, &options);
	RIG_WAIT(rig, atomic_load(&lookups) == 1, RIG_PATIENCE_MS);
	rig_idle(rig, 500);
	assert_int_equal(client_publish(&rig->client, "t", "x", 0), MQTT_DOWN);
	assert_true(client_stop(&rig->client) < 3000);
	assert_true(rig->longest_gap_ns < 150 * 1000000);
	assert_int_equal(rig->client.disconnected, 0);
	/* What was left behind cleans up after itself. */
	RIG_WAIT(rig, thread_count() == threads, 3 * RIG_PATIENCE_MS);
	assert_int_equal(atomic_load(&lookups), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stalled_lookup_stops_neither_the_loop_nor_the_end),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
