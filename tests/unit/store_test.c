#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "bridge/store.h"

enum { PATIENCE_MS = 20000 };

static const uint8_t kettle_mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };
static const uint8_t other_mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 2 };

static uv_loop_t loop;
static char *root;
static char *folder;
static char *file;
static char *new_file;

static int setup(void **state)
{
	(void)state;
	root = mem_copy("/tmp/store_test.XXXXXX");
	assert_non_null(mkdtemp(root));
	folder = mem_printf("%s/state", root);
	file = mem_printf("%s/plugbridge.state", folder);
	new_file = mem_printf("%s/plugbridge.state.new", folder);
	return uv_loop_init(&loop);
}

static int teardown(void **state)
{
	(void)state;
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	(void)remove(file);
	(void)remove(new_file);
	(void)remove(folder);
	assert_int_equal(remove(root), 0);
	free(root);
	free(folder);
	free(file);
	free(new_file);
	return 0;
}

static struct store *open_store(void)
{
	char *problem = NULL;
	struct store *store = store_open(&loop, folder, &problem);

	if (!store) {
		fail_msg("%s", problem);
	}
	assert_null(problem);
	return store;
}

/* Closes it and waits until everything is written and freed. */
static void close_store(struct store *store)
{
	store_close(store);
	uv_run(&loop, UV_RUN_DEFAULT);
}

static void expect_problem(const char *where, const char *part)
{
	char *problem = NULL;

	assert_null(store_open(&loop, where, &problem));
	assert_non_null(problem);
	if (!strstr(problem, part)) {
		fail_msg("%s", problem);
	}
	free(problem);
}

static void write_text(const char *path, const char *text, size_t size)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, size, out), size);
	assert_int_equal(fclose(out), 0);
}

/* What the file holds; the caller frees. */
static char *read_file(void)
{
	FILE *in = fopen(file, "r");
	char *text = NULL;
	struct stat status;

	assert_non_null(in);
	assert_int_equal(fstat(fileno(in), &status), 0);
	text = mem_array((size_t)status.st_size + 1, 1);
	assert_int_equal(fread(text, 1, (size_t)status.st_size, in), status.st_size);
	fclose(in);
	return text;
}

static bool file_is(const char *expected)
{
	char *text = read_file();
	const bool is_same = strcmp(text, expected) == 0;

	free(text);
	return is_same;
}

static void expect_file(const char *expected)
{
	char *text = read_file();

	assert_string_equal(text, expected);
	free(text);
}

static void on_tick(uv_timer_t *tick)
{
	(void)tick;
}

/* Turns the loop until the file says what is expected. */
static void wait_for_file(const char *expected)
{
	const uint64_t end_ms = uv_hrtime() / 1000000 + PATIENCE_MS;
	uv_timer_t tick;

	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	while (!file_is(expected) && uv_hrtime() / 1000000 < end_ms) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	expect_file(expected);
}

static void expect_entries(struct store *store, const char *const *expected)
{
	static const char *const kinds[] = { "outlet", "bridge", "pin", "address" };
	size_t count = 0;
	size_t i = 0;
	const struct store_entry *entries = store_entries(store, &count);

	for (; i < count && expected[i]; i++) {
		char *entry = mem_printf("%s %s", kinds[entries[i].kind], entries[i].text);

		assert_string_equal(entry, expected[i]);
		free(entry);
	}
	assert_int_equal(i, count);
	assert_null(expected[i]);
}

static void store_is_the_same_after_a_restart(void **state)
{
	static const char text[] = "plugbridge state 1\n"
				   "outlet museum/plug/kettle\n"
				   "outlet museum/plug/toaster\n"
				   "bridge museum/bridge/main\n"
				   "pin 10.0.0.7 kettle 50:C7:BF:00:00:01\n";
	static const char *const entries[] = { "outlet museum/plug/kettle",
		"outlet museum/plug/toaster", "bridge museum/bridge/main",
		"pin 10.0.0.7 kettle 50:C7:BF:00:00:01", NULL };
	struct store *store = open_store();

	(void)state;
	store_set_pin(store, "kettle", "10.0.0.7", kettle_mac);
	store_add(store, STORE_OUTLET, "museum/plug/toaster");
	store_add(store, STORE_BRIDGE, "museum/bridge/main");
	store_add(store, STORE_OUTLET, "museum/plug/kettle");
	store_add(store, STORE_OUTLET, "museum/plug/toaster");
	close_store(store);
	expect_file(text);
	store = open_store();
	expect_entries(store, entries);
	close_store(store);
	expect_file(text);
}

static void store_writes_by_itself_soon_after_a_change(void **state)
{
	struct store *store = open_store();

	(void)state;
	expect_file("plugbridge state 1\n");
	store_add(store, STORE_OUTLET, "museum/plug/kettle");
	store_save(store);
	store_add(store, STORE_OUTLET, "museum/plug/toaster");
	wait_for_file("plugbridge state 1\noutlet museum/plug/kettle\n"
		      "outlet museum/plug/toaster\n");
	assert_int_not_equal(access(new_file, F_OK), 0);
	close_store(store);
}

static struct store *store_being_written;

static void add_and_close(uv_timer_t *timer)
{
	store_add(store_being_written, STORE_OUTLET, "museum/plug/toaster");
	store_close(store_being_written);
	uv_close((uv_handle_t *)timer, NULL);
}

/* The timer is due with the store's own, right behind it: the write is under way then. */
static void store_closed_while_it_is_written_loses_nothing(void **state)
{
	uv_timer_t timer;

	(void)state;
	store_being_written = open_store();
	uv_timer_init(&loop, &timer);
	uv_update_time(&loop);
	store_add(store_being_written, STORE_OUTLET, "museum/plug/kettle");
	store_save(store_being_written);
	uv_timer_start(&timer, add_and_close, 500, 0);
	uv_run(&loop, UV_RUN_DEFAULT);
	expect_file("plugbridge state 1\noutlet museum/plug/kettle\n"
		    "outlet museum/plug/toaster\n");
}

#define LINE_90                                                                                    \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aa"
#define LINE_1023                                                                                  \
	LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90 LINE_90    \
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define START "plugbridge state 1\n"
#define A "outlet museum/plug/a\n"
#define B "outlet museum/plug/b\n"

static const struct {
	const char *name, *text;
	size_t size; /* 0: up to the NUL */
	const char *expected;
} damages[] = {
	{ "nothing wrong", START A B, 0, START A B },
	{ "empty", "", 0, START },
	{ "first line alone", START, 0, START },
	{ "first line missing", A B, 0, START A B },
	{ "first line cut", "plugbridge sta", 0, START },
	{ "last line cut", START A "outlet museum/plu", 0, START A },
	{ "last line without its end", START A "outlet museum/plug/b", 0, START A },
	{ "a later version", "plugbridge state 2\n" A "secret 7\n" B, 0, START A B },
	{ "empty lines", START "\n\n" A "\n", 0, START A },
	{ "kinds without a text", START "outlet \noutlet\nbridge \npin \n" A, 0, START A },
	{ "unknown kinds", START "outlets x\nOutlet x\n outlet x\n" A, 0, START A },
	{ "pins without a MAC", START "pin\npin x\npin h d 50:C7:BF:00:00\npin h d zz\n" A, 0,
		START A },
	{ "addresses that are none",
		START "address\naddress h d 50:C7:BF:00:00:01 10.0.0\naddress h d m plug.lan\n" A,
		0, START A },
	{ "binary",
		"\x7f"
		"ELF\x01\x02\xff\xfe\n\x80\x81" A "\n" B,
		0, START B },
	{ "zeroes", START A "outlet museum\0plug/b\n" B, sizeof START A "outlet museum\0plug/b\n" B,
		START A B },
	{ "a hole of zeroes", START A "\0\0\0\0\0\0\0\0" B, sizeof START A "\0\0\0\0\0\0\0\0" B,
		START A },
	{ "a line too long", START A "outlet " LINE_1023 "\n" B, 0, START A B },
	{ "a long line whose rest looks well", START A LINE_1023 "outlet museum/plug/x\n" B, 0,
		START A B },
	{ "a line of all lines too long", START A LINE_1023 LINE_1023 B B, 0, START A B },
	{ "doubled", START B A B A, 0, START A B },
};

static void store_skips_what_is_damaged_and_keeps_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const size_t size =
			damages[i].size > 0 ? damages[i].size - 1 : strlen(damages[i].text);
		struct store *store = NULL;

		close_store(open_store());
		write_text(file, damages[i].text, size);
		store = open_store();
		if (!file_is(damages[i].expected)) {
			fail_msg("%s", damages[i].name);
		}
		close_store(store);
		if (!file_is(damages[i].expected)) {
			fail_msg("%s: after closing", damages[i].name);
		}
	}
}

static void store_cut_anywhere_can_be_opened(void **state)
{
	static const char text[] = START A "pin 10.0.0.7 kettle 50:C7:BF:00:00:01\n" B;

	(void)state;
	close_store(open_store());
	for (size_t size = 0; size < sizeof text - 1; size++) {
		struct store *store = NULL;
		size_t count = 0;

		write_text(file, text, size);
		store = open_store();
		(void)store_entries(store, &count);
		assert_true(count <= 2);
		close_store(store);
	}
}

/* Root may write anywhere, so the obstacles are such as stop root, too. */
static void store_that_cannot_be_used_is_a_problem(void **state)
{
	char *below_file = mem_printf("%s/regular/state", root);
	char *deep = mem_printf("%s/missing/state", root);
	char *regular = mem_printf("%s/regular", root);

	(void)state;
	write_text(regular, "x", 1);
	expect_problem(below_file, "Not a directory");
	expect_problem(regular, "Not a directory");
	expect_problem(deep, "No such file");
	assert_int_equal(remove(regular), 0);
	free(below_file);
	free(deep);
	free(regular);
}

static void store_whose_file_cannot_be_written_is_a_problem(void **state)
{
	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mkdir(new_file, 0700), 0);
	expect_problem(folder, "cannot be written: Is a directory");
	assert_int_equal(rmdir(new_file), 0);
	/* Not empty: rename would replace an empty one. */
	assert_int_equal(mkdir(file, 0700), 0);
	expect_problem(folder, "cannot be written: Is a directory");
	assert_int_equal(rmdir(file), 0);
}

static void store_that_fails_to_write_keeps_the_old_file_and_tries_again(void **state)
{
	struct store *store = open_store();

	(void)state;
	store_add(store, STORE_OUTLET, "museum/plug/a");
	store_save(store);
	wait_for_file(START A);
	assert_int_equal(mkdir(new_file, 0700), 0);
	store_add(store, STORE_OUTLET, "museum/plug/b");
	store_save(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	expect_file(START A);
	assert_int_equal(rmdir(new_file), 0);
	store_save(store);
	wait_for_file(START A B);
	close_store(store);
}

static void store_that_failed_to_write_tries_again_when_it_is_closed(void **state)
{
	struct store *store = open_store();

	(void)state;
	assert_int_equal(mkdir(new_file, 0700), 0);
	store_add(store, STORE_OUTLET, "museum/plug/a");
	store_save(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(rmdir(new_file), 0);
	close_store(store);
	expect_file(START A);
}

static void store_forgets_what_nobody_claimed(void **state)
{
	uint8_t mac[6];
	struct store *store = open_store();

	(void)state;
	store_add(store, STORE_OUTLET, "museum/plug/a");
	store_add(store, STORE_OUTLET, "museum/plug/b");
	store_set_pin(store, "a", "10.0.0.7", kettle_mac);
	store_set_pin(store, "b", "10.0.0.8", other_mac);
	store_forget_others(store);
	expect_entries(store, (const char *const[]) { "outlet museum/plug/a",
				      "outlet museum/plug/b", "pin 10.0.0.7 a 50:C7:BF:00:00:01",
				      "pin 10.0.0.8 b 50:C7:BF:00:00:02", NULL });
	store_unclaim(store);
	store_add(store, STORE_OUTLET, "museum/plug/b");
	assert_true(store_find_pin(store, "b", "10.0.0.8", mac));
	store_forget_others(store);
	expect_entries(store, (const char *const[]) { "outlet museum/plug/b",
				      "pin 10.0.0.8 b 50:C7:BF:00:00:02", NULL });
	close_store(store);
	expect_file(START B "pin 10.0.0.8 b 50:C7:BF:00:00:02\n");
}

static void store_finds_the_pin_of_this_device_at_this_host(void **state)
{
	struct store *store = open_store();
	uint8_t mac[6] = { 0 };

	(void)state;
	store_set_pin(store, "kettle", "10.0.0.7", kettle_mac);
	assert_true(store_find_pin(store, "kettle", "10.0.0.7", mac));
	assert_memory_equal(mac, kettle_mac, sizeof mac);
	assert_false(store_find_pin(store, "kettle2", "10.0.0.7", mac));
	assert_false(store_find_pin(store, "kett", "10.0.0.7", mac));
	assert_false(store_find_pin(store, "kettle", "10.0.0.70", mac));
	assert_false(store_find_pin(store, "kettle", "10.0.0", mac));
	assert_false(store_find_pin(store, "kettle", "", mac));
	close_store(store);
}

static void store_finds_the_address_of_this_device_while_its_host_stays(void **state)
{
	struct store *store = open_store();
	const struct store_place kettle = { "kettle", "10.0.0.7", kettle_mac };
	const struct store_place nowhere = { "kettle", "", kettle_mac };
	const struct store_place other = { "kettle", "10.0.0.7", other_mac };
	char *address = NULL;

	(void)state;
	assert_null(store_find_address(store, &kettle));
	store_set_address(store, &kettle, "10.0.0.77");
	store_set_address(store, &nowhere, "10.0.0.78");
	assert_null(store_find_address(store, &other));
	store_set_address(store, &kettle, "10.0.0.79");
	close_store(store);
	expect_file(START "address - kettle 50:C7:BF:00:00:01 10.0.0.78\n"
			  "address 10.0.0.7 kettle 50:C7:BF:00:00:01 10.0.0.79\n");
	store = open_store();
	store_unclaim(store);
	address = store_find_address(store, &kettle);
	assert_string_equal(address, "10.0.0.79");
	free(address);
	store_forget_others(store);
	assert_null(store_find_address(store, &nowhere));
	store_set_address(store, &kettle, NULL);
	store_set_address(store, &kettle, NULL);
	assert_null(store_find_address(store, &kettle));
	close_store(store);
	expect_file(START);
}

static void store_replaces_the_pin_of_a_device(void **state)
{
	struct store *store = open_store();
	uint8_t mac[6] = { 0 };

	(void)state;
	store_set_pin(store, "kettle", "10.0.0.7", other_mac);
	store_set_pin(store, "kettle", "10.0.0.7", kettle_mac);
	store_set_pin(store, "kettle-2", "10.0.0.7", other_mac);
	assert_true(store_find_pin(store, "kettle", "10.0.0.7", mac));
	assert_memory_equal(mac, kettle_mac, sizeof mac);
	close_store(store);
	expect_file(START "pin 10.0.0.7 kettle 50:C7:BF:00:00:01\n"
			  "pin 10.0.0.7 kettle-2 50:C7:BF:00:00:02\n");
}

static void store_that_was_never_opened_can_be_closed(void **state)
{
	(void)state;
	store_close(NULL);
}

/* In the worst order, each before all others. */
static void store_takes_ten_thousand_outlets(void **state)
{
	enum { COUNT = 10000 };
	const uint64_t end_ms = uv_hrtime() / 1000000 + PATIENCE_MS;
	struct store *store = open_store();
	size_t count = 0;

	(void)state;
	for (int i = COUNT; i-- > 0;) {
		char text[64];

		(void)snprintf(text, sizeof text, "museum/plug/%05d", i);
		store_add(store, STORE_OUTLET, text);
		(void)snprintf(text, sizeof text, "plug-%05d", i);
		store_set_pin(store, text, "10.0.0.7", kettle_mac);
	}
	close_store(store);
	store = open_store();
	assert_string_equal(store_entries(store, &count)[1234].text, "museum/plug/01234");
	assert_int_equal(count, 2 * COUNT);
	close_store(store);
	assert_true(uv_hrtime() / 1000000 < end_ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(store_is_the_same_after_a_restart),
		TEST(store_writes_by_itself_soon_after_a_change),
		TEST(store_closed_while_it_is_written_loses_nothing),
		TEST(store_skips_what_is_damaged_and_keeps_the_rest),
		TEST(store_cut_anywhere_can_be_opened),
		TEST(store_that_cannot_be_used_is_a_problem),
		TEST(store_whose_file_cannot_be_written_is_a_problem),
		TEST(store_that_fails_to_write_keeps_the_old_file_and_tries_again),
		TEST(store_that_failed_to_write_tries_again_when_it_is_closed),
		TEST(store_forgets_what_nobody_claimed),
		TEST(store_finds_the_pin_of_this_device_at_this_host),
		TEST(store_finds_the_address_of_this_device_while_its_host_stays),
		TEST(store_replaces_the_pin_of_a_device),
		TEST(store_that_was_never_opened_can_be_closed),
		TEST(store_takes_ten_thousand_outlets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
