#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bridge/energy/file.h"
#include "bridge/mem.h"

enum { MINUTE_MS = 60 * 1000 };

static const uint8_t mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };
static const char topic[] = "museum/plug/engine";

static uv_loop_t loop;
static struct energy_host host;
static char *folder, *path;
static int64_t boot_s;

static int setup(void **state)
{
	(void)state;
	folder = mem_copy("/tmp/energy_file_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	path = mem_printf("%s/energy.state", folder);
	boot_s = 1000;
	return uv_loop_init(&loop);
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_close(&loop), 0);
	(void)remove(path);
	assert_int_equal(remove(folder), 0);
	free(folder);
	free(path);
	return 0;
}

static struct energy_time now(void)
{
	return (struct energy_time) { .wall_s = 1795253400 + boot_s, .boot_s = boot_s };
}

static struct energy_file *open_file(bool is_settled)
{
	const struct energy_time time = now();
	struct energy_file *file = NULL;
	char *problem = NULL;

	energy_host_init(&host, &time);
	host.is_settled = is_settled;
	file = energy_file_open(&loop, folder, &host, &problem);
	if (!file) {
		fail_msg("%s", problem);
	}
	return file;
}

static struct energy_account claim(struct energy_file *file)
{
	struct energy_account account = { 0 };

	energy_file_claim(file, &account, mac, 0, topic);
	return account;
}

static void take(struct energy_account *account, int64_t total_wh)
{
	const struct energy_reading reading = { .total_wh = total_wh };
	const struct energy_time time = now();

	energy_take_reading(&host, account, &reading, &time);
	boot_s += 5;
}

/* -1 while it is not told. */
static int64_t told(struct energy_account *account)
{
	const struct energy_time time = now();
	const struct energy_told all = energy_tell(&host, account, &time);

	return all.has_energy ? all.energy_wh : -1;
}

static void close_file(struct energy_file *file)
{
	energy_file_close(file);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static bool file_has(const char *part)
{
	char text[1024] = "";
	FILE *in = fopen(path, "r");
	const size_t size = in ? fread(text, 1, sizeof text - 1, in) : 0;

	if (in) {
		fclose(in);
	}
	return size > 0 && strstr(text, part) != NULL;
}

static void write_text(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void counter_goes_on_in_the_next_run(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	take(&account, 5002);
	close_file(file);
	file = open_file(true);
	account = claim(file);
	assert_int_equal(told(&account), -1);
	take(&account, 3);
	take(&account, 3);
	assert_int_equal(told(&account), 5005);
	close_file(file);
}

static void tick(struct energy_file *file, uint64_t now_ms)
{
	energy_file_tick(file, now_ms);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static void file_is_written_once_a_minute_and_at_once_after_a_reset(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	tick(file, 1000);
	assert_true(file_has(" total 5000 "));
	take(&account, 5001);
	tick(file, MINUTE_MS - 1);
	assert_true(file_has(" total 5000 "));
	tick(file, 1000 + MINUTE_MS);
	assert_true(file_has(" total 5001 "));
	take(&account, 2);
	take(&account, 2);
	tick(file, 2000 + MINUTE_MS);
	assert_true(file_has(" energy 5003 total 2 "));
	close_file(file);
}

static void file_that_has_nothing_new_is_not_written(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	tick(file, 1000);
	assert_int_equal(remove(path), 0);
	take(&account, 5000);
	tick(file, 1000 + 2 * MINUTE_MS);
	assert_false(file_has("plugbridge"));
	close_file(file);
}

static void file_of_a_newer_version_is_refused_and_left_alone(void **state)
{
	static const char text[] = "plugbridge energy 2\nanything\n";
	const struct energy_time time = now();
	char *problem = NULL;

	(void)state;
	write_text(text);
	energy_host_init(&host, &time);
	assert_null(energy_file_open(&loop, folder, &host, &problem));
	assert_non_null(strstr(problem, "energy.state was written by a newer plugbridge"));
	free(problem);
	assert_true(file_has(text));
}

static void file_without_a_first_line_or_with_rubbish_is_read_all_the_same(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);
	char text[1024] = "";
	FILE *in = NULL;
	size_t size = 0;

	(void)state;
	take(&account, 5000);
	close_file(file);
	in = fopen(path, "r");
	assert_non_null(in);
	size = fread(text, 1, sizeof text - 100, in);
	assert_true(size > strlen("plugbridge energy 1\n"));
	fclose(in);
	(void)snprintf(text + size, sizeof text - size, "rubbish\n\n50:C7:BF:00:00:01/0 x\n");
	write_text(text + strlen("plugbridge energy 1\n"));
	file = open_file(true);
	account = claim(file);
	take(&account, 1);
	take(&account, 1);
	assert_int_equal(told(&account), 5001);
	close_file(file);
}

static void nothing_is_told_before_it_is_settled(void **state)
{
	struct energy_file *file = open_file(false);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	assert_int_equal(told(&account), -1);
	account.told_wh = 5001;
	host.is_settled = true;
	take(&account, 5000);
	assert_int_equal(told(&account), 5001);
	close_file(file);
}

static void counter_of_the_file_goes_on_without_a_broker(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	close_file(file);
	file = open_file(false);
	account = claim(file);
	take(&account, 5001); /* a broker may still come */
	boot_s += 10;
	take(&account, 2);
	take(&account, 2);
	assert_int_equal(told(&account), -1);
	host.is_settled = true;
	assert_int_equal(told(&account), 5002);
	close_file(file);
}

static void topic_of_a_renamed_outlet_was_anothers(void **state)
{
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	close_file(file);
	file = open_file(true);
	energy_file_claim(file, &account, mac, 0, "museum/plug/pump");
	account.told_wh = 90000;
	take(&account, 5003);
	assert_int_equal(told(&account), 5003);
	close_file(file);
}

static void device_replaced_while_the_bridge_runs_hands_its_counter_over(void **state)
{
	static const uint8_t new_mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 2 };
	struct energy_file *file = open_file(true);
	struct energy_account account = claim(file);

	(void)state;
	take(&account, 5000);
	tick(file, 1000);
	energy_file_claim(file, &account, new_mac, 0, topic);
	take(&account, 70);
	take(&account, 72);
	assert_int_equal(told(&account), 5002);
	close_file(file);
}

static void retained_payloads_are_read_to_the_watt_hour(void **state)
{
	static const struct {
		const char *payload;
		int64_t energy_wh; /* -1: no counter of ours */
	} rows[] = { { "0", 0 }, { "55.139", 55139 }, { "55.1", 55100 }, { "55.10", 55100 },
		{ "7", 7000 }, { "007.5", 7500 }, { "999999999.999", 999999999999 }, { "", -1 },
		{ "-1", -1 }, { "+1", -1 }, { " 1", -1 }, { "1 ", -1 }, { ".5", -1 },
		{ "5.", 5000 }, { "1.2345", -1 }, { "1e3", -1 }, { "1,5", -1 }, { "nan", -1 },
		{ "1000000000", -1 }, { "0x10", -1 }, { "1.5.5", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t energy_wh = 7;
		const bool is_read = energy_parse_told(rows[i].payload, &energy_wh);

		if (is_read != (rows[i].energy_wh >= 0) ||
			energy_wh != (is_read ? rows[i].energy_wh : 0)) {
			fail_msg("\"%s\": %lld", rows[i].payload, (long long)energy_wh);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counter_goes_on_in_the_next_run),
		TEST(file_is_written_once_a_minute_and_at_once_after_a_reset),
		TEST(file_that_has_nothing_new_is_not_written),
		TEST(file_of_a_newer_version_is_refused_and_left_alone),
		TEST(file_without_a_first_line_or_with_rubbish_is_read_all_the_same),
		TEST(nothing_is_told_before_it_is_settled),
		TEST(counter_of_the_file_goes_on_without_a_broker),
		TEST(topic_of_a_renamed_outlet_was_anothers),
		TEST(device_replaced_while_the_bridge_runs_hands_its_counter_over),
		TEST(retained_payloads_are_read_to_the_watt_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
