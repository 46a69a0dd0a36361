/* A week of a plug's life, told to a process that keeps its counter and is killed again and again.
 * The counter ends within 1 % of the truth and never steps back. ENERGY_SEED repeats a run. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/energy/file.h"
#include "bridge/mem.h"
#include "tests/unit/energy_world.h"

enum {
	WEEK_S = 7 * 24 * 3600,
	START_WH = 16323,
	MINUTE_S = 60,
	/* Once in so many polls, on average. */
	KILL_IN = 800,
	REBOOT_IN = 2500,
	ERASE_IN = 15000,
	GLITCH_IN = 300,
	OFFLINE_IN = 10000,
	BROKEN_FILE_IN = 20,
	/* Some hosts come up without a clock. */
	NO_CLOCK_IN = 8,
	NO_CLOCK_S = 40,
	SHORT_S = 60,
	RECOVERY_S = 20 * 60,
	LONG_S = 5 * 3600,
};

static const uint8_t mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };

/* ---- the process that counts ---- */

enum question_kind { QUESTION_READING, QUESTION_STATISTICS };

struct question {
	enum question_kind kind;
	bool has_answer; /* statistics: the device's clock is right */
	struct energy_time time;
	struct energy_reading reading;
	struct plug_period month;
	struct plug_statistics statistics;
};

struct answer {
	struct energy_told told;
	bool wants_statistics, knows_statistics;
	struct plug_period month;
	struct energy_counters counters;
};

static void take(
	struct energy_host *host, struct energy_account *account, const struct question *question)
{
	if (question->kind == QUESTION_READING) {
		energy_take_reading(host, account, &question->reading, &question->time);
	} else {
		energy_take_statistics(host, account, &question->month,
			question->has_answer ? &question->statistics : NULL, &question->time);
	}
}

/* Counts until it is killed. What the broker retains is told at the start. */
static void count_for_ever(
	int line, const char *folder, int64_t retained_wh, const struct energy_time *start)
{
	struct energy_host host;
	struct energy_account account = { .told_wh = retained_wh };
	struct question question;
	uv_loop_t loop;
	char *problem = NULL;
	struct energy_file *file = NULL;

	energy_host_init(&host, start);
	host.is_settled = true;
	if (uv_loop_init(&loop) != 0) {
		_exit(1);
	}
	file = energy_file_open(&loop, folder, &host, &problem);
	if (!file) {
		_exit(2);
	}
	energy_file_claim(file, &account, mac, 0, "museum/plug/engine");
	while (recv(line, &question, sizeof question, MSG_WAITALL) == (ssize_t)sizeof question) {
		struct answer answer = { 0 };

		take(&host, &account, &question);
		answer.told = energy_tell(&host, &account, &question.time);
		answer.wants_statistics = energy_wants_statistics(&account);
		answer.knows_statistics = energy_knows_statistics(&account);
		answer.month = energy_ask_statistics(&host, &account, &question.time);
		answer.counters = host.counters;
		if (send(line, &answer, sizeof answer, 0) != (ssize_t)sizeof answer) {
			break;
		}
		energy_file_tick(file, (uint64_t)question.time.boot_s * 1000);
		/* Until it is written: in truth a minute is longer than that. */
		(void)uv_run(&loop, UV_RUN_DEFAULT);
	}
	_exit(0);
}

/* ---- the one that tells and checks ---- */

static struct {
	struct world world;
	char *folder, *file, *new_file;
	pid_t child;
	int line;
	int64_t started_s; /* the child's clock begins */
	int64_t no_clock_until_s;
	int64_t retained_wh; /* the last that was told; 0 for nothing yet */
	struct answer last;
	int64_t statistics_s; /* when they were asked last */
	int64_t broken_s;     /* when the file was broken last */
	uint64_t kills, readings, todays, good_todays;
	struct energy_counters counters; /* of children that are dead */
} run;

/* Both clocks of the child's host. */
static struct energy_time child_time(void)
{
	const bool has_clock = run.world.now_s >= run.no_clock_until_s;

	return (struct energy_time) {
		.wall_s = has_clock ? run.world.now_s : run.world.now_s - run.started_s,
		.boot_s = run.world.now_s - run.started_s,
	};
}

static void start_child(void)
{
	struct energy_time start;
	int pair[2];

	run.started_s = run.world.now_s;
	run.no_clock_until_s =
		world_strikes(&run.world, NO_CLOCK_IN) ? run.world.now_s + NO_CLOCK_S : 0;
	run.last = (struct answer) { 0 };
	start = child_time();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	run.child = fork();
	assert_true(run.child >= 0);
	if (run.child == 0) {
		(void)close(pair[0]);
		count_for_ever(pair[1], run.folder, run.retained_wh, &start);
	}
	(void)close(pair[1]);
	run.line = pair[0];
}

/* What was told is retained at the broker, and must not step back. */
static void take_answer(const struct answer *answer)
{
	if (answer->told.has_energy) {
		if (answer->told.energy_wh < run.retained_wh) {
			fail_msg("%lld Wh after %lld Wh", (long long)answer->told.energy_wh,
				(long long)run.retained_wh);
		}
		run.retained_wh = answer->told.energy_wh;
	}
	run.last = *answer;
}

static void add_counters(void)
{
	run.counters.glitches += run.last.counters.glitches;
	run.counters.resets += run.last.counters.resets;
	run.counters.gaps_filled += run.last.counters.gaps_filled;
}

/* At any moment of its work; what it had said by then counts. */
static void kill_child(void)
{
	struct answer answer;
	const struct timespec wait = { .tv_nsec = (long)world_random(&run.world, 300000) };
	int status = 0;

	(void)nanosleep(&wait, NULL);
	assert_int_equal(kill(run.child, SIGKILL), 0);
	assert_int_equal(waitpid(run.child, &status, 0), run.child);
	assert_true(WIFSIGNALED(status));
	while (recv(run.line, &answer, sizeof answer, MSG_WAITALL) == (ssize_t)sizeof answer) {
		take_answer(&answer);
	}
	(void)close(run.line);
	add_counters();
	run.kills++;
}

static void send_question(struct question *question)
{
	question->time = child_time();
	assert_int_equal(send(run.line, question, sizeof *question, 0), sizeof *question);
}

static void ask(struct question *question)
{
	struct answer answer;

	send_question(question);
	assert_int_equal(recv(run.line, &answer, sizeof answer, MSG_WAITALL), sizeof answer);
	take_answer(&answer);
}

/* The total as the device says it, with a glitch now and then. */
static struct question next_reading(void)
{
	struct question question = { .kind = QUESTION_READING };
	const int64_t total_wh = world_total_wh(&run.world);

	question.reading = (struct energy_reading) { total_wh, run.world.power_mw };
	/* Its first word is all there is. */
	if (run.retained_wh > 0 && world_strikes(&run.world, GLITCH_IN)) {
		const int64_t lies[] = { 0, total_wh / 2, total_wh > 50 ? total_wh - 50 : 0,
			total_wh + 50, total_wh * 10 + 1000, 1999999999 };

		question.reading.total_wh =
			lies[world_random(&run.world, sizeof lies / sizeof lies[0])];
	}
	return question;
}

static void ask_statistics(void)
{
	const struct plug_time clock = world_clock(&run.world);
	struct question question = {
		.kind = QUESTION_STATISTICS,
		.month = run.last.month,
		.has_answer = run.world.now_s >= run.no_clock_until_s &&
			      calendar_agrees(&clock, run.world.now_s),
	};

	world_statistics(&run.world, &question.month, &question.statistics);
	run.statistics_s = run.world.now_s;
	ask(&question);
}

/* Today may begin late where nobody saw midnight, but never shows what was not drawn. */
static void check_today(void)
{
	const int64_t true_wh = world_true_today_wh(&run.world);
	const int64_t told_wh = run.last.told.today_wh;

	run.readings++;
	if (!run.last.told.has_today) {
		return;
	}
	run.todays++;
	run.good_todays += told_wh >= true_wh - true_wh / 50 - 20;
	if (told_wh > true_wh + true_wh / 50 + 100) {
		fail_msg("today %lld Wh, in truth %lld Wh", (long long)told_wh, (long long)true_wh);
	}
}

static void poll_device(void)
{
	const int64_t waited_s = run.world.now_s - run.statistics_s;
	struct question question = next_reading();

	ask(&question);
	check_today();
	if (waited_s >= (run.last.knows_statistics ? 3600 : 600) ||
		(run.last.wants_statistics && waited_s >= MINUTE_S)) {
		ask_statistics();
	}
}

/* Time goes by, and nobody looks. */
static void pass(int64_t seconds)
{
	const int64_t end_s = run.world.now_s + seconds;

	while (run.world.now_s < end_s) {
		world_step(&run.world);
		if (seconds > SHORT_S && world_strikes(&run.world, REBOOT_IN)) {
			world_reboot(&run.world);
		}
	}
}

/* Removes it, cuts it, or spoils a byte of it. */
static void break_file(void)
{
	struct stat status;
	FILE *file = NULL;

	switch (world_random(&run.world, 3)) {
	case 0:
		(void)remove(run.file);
		break;
	case 1:
		assert_int_equal(stat(run.file, &status), 0);
		assert_int_equal(truncate(run.file, status.st_size - 20), 0);
		break;
	default:
		file = fopen(run.file, "r+");
		assert_non_null(file);
		assert_int_equal(fseek(file, 70, SEEK_SET), 0);
		assert_int_equal(fputc('x', file), 'x');
		assert_int_equal(fclose(file), 0);
		break;
	}
}

/* What is known of the statistics was in the file, too: it takes a while to find that out again. */
static bool is_recovering(void)
{
	return run.world.now_s - run.broken_s < RECOVERY_S;
}

/* The file is lost only when the bridge is soon back: nothing else knows how long it was away. */
static void crash(void)
{
	const bool is_short = !world_strikes(&run.world, 6) || is_recovering();
	struct question question = next_reading();

	send_question(&question);
	kill_child();
	if (is_short && world_strikes(&run.world, BROKEN_FILE_IN)) {
		break_file();
		run.broken_s = run.world.now_s;
	}
	pass((int64_t)world_random(&run.world, is_short ? SHORT_S : LONG_S));
	start_child();
}

static void live(void)
{
	world_step(&run.world);
	poll_device();
	if (world_strikes(&run.world, KILL_IN)) {
		crash();
	}
	if (world_strikes(&run.world, REBOOT_IN)) {
		world_reboot(&run.world);
	}
	if (world_strikes(&run.world, ERASE_IN)) {
		world_erase(&run.world);
	}
	if (world_strikes(&run.world, OFFLINE_IN) && !is_recovering()) {
		pass((int64_t)world_random(&run.world, LONG_S));
	}
}

/* The same week each time, so that a failure is a change of ours; ENERGY_SEED gives other weeks. */
static uint64_t seed(void)
{
	const char *given = getenv("ENERGY_SEED");

	return given ? strtoull(given, NULL, 10) : 20261121;
}

static void live_a_week_from(int64_t start_s)
{
	const uint64_t this_seed = seed();
	int64_t error_wh = 0;

	print_message("ENERGY_SEED=%llu\n", (unsigned long long)this_seed);
	world_init(&run.world, this_seed ^ (uint64_t)start_s, start_s, START_WH);
	start_child();
	while (run.world.now_s < start_s + WEEK_S) {
		live();
	}
	/* The last doubts are cleared and the last gap is filled. */
	run.world.clock_lost_until_s = 0;
	for (int i = 0; i < 30; i++) {
		world_step(&run.world);
		poll_device();
	}
	error_wh = run.retained_wh - START_WH - world_true_wh(&run.world);
	kill_child();
	print_message(
		"%llu readings, %llu kills, %llu glitches, %llu resets, %llu gaps; %lld Wh in "
		"truth, %lld Wh off; today right in %llu of %llu\n",
		(unsigned long long)run.readings, (unsigned long long)run.kills,
		(unsigned long long)run.counters.glitches, (unsigned long long)run.counters.resets,
		(unsigned long long)run.counters.gaps_filled, (long long)world_true_wh(&run.world),
		(long long)error_wh, (unsigned long long)run.good_todays,
		(unsigned long long)run.todays);
	assert_true(llabs(error_wh) * 100 <= world_true_wh(&run.world));
	assert_true(run.todays * 10 >= run.readings * 9);
	assert_true(run.kills >= 20);
	assert_true(run.counters.glitches >= 50);
	assert_true(run.counters.resets >= 5);
}

static void week_in_which_summer_time_ends(void **state)
{
	(void)state;
	live_a_week_from(1792533600); /* Wednesday, 2026-10-21, 00:00 in Berlin */
}

static void week_in_which_summer_time_begins(void **state)
{
	(void)state;
	live_a_week_from(1774396800); /* Wednesday, 2026-03-25, 01:00 in Berlin */
}

static int setup(void **state)
{
	(void)state;
	memset(&run, 0, sizeof run);
	assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
	tzset();
	(void)signal(SIGPIPE, SIG_IGN);
	run.folder = mem_copy("/tmp/energy_week_test.XXXXXX");
	assert_non_null(mkdtemp(run.folder));
	run.file = mem_printf("%s/energy.state", run.folder);
	run.new_file = mem_printf("%s/energy.state.new", run.folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)remove(run.file);
	(void)remove(run.new_file);
	assert_int_equal(remove(run.folder), 0);
	free(run.folder);
	free(run.file);
	free(run.new_file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(week_in_which_summer_time_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(week_in_which_summer_time_begins, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
