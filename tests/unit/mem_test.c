#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/mem.h"

static void mem_new_and_mem_array_give_zeroes(void **state)
{
	static const char zeroes[64];
	char *one = mem_new(sizeof zeroes);
	char *many = mem_array(16, 4);
	char *none = mem_array(0, 4);

	(void)state;
	assert_memory_equal(one, zeroes, sizeof zeroes);
	assert_memory_equal(many, zeroes, sizeof zeroes);
	assert_non_null(none);
	free(one);
	free(many);
	free(none);
}

static void mem_resize_keeps_what_was_there(void **state)
{
	char *memory = mem_copy("kettle");

	(void)state;
	memory = mem_resize(memory, 100, 10);
	assert_string_equal(memory, "kettle");
	free(memory);
}

/* A size that wraps round would give a small block and a large index into it. */
static void mem_resize_ends_the_program_when_the_size_wraps(void **state)
{
	int status = 0;
	pid_t child = 0;

	(void)state;
	child = fork();
	if (child == 0) {
		close(STDERR_FILENO);
		free(mem_resize(NULL, SIZE_MAX / 2, 4));
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

static void mem_copy_of_nothing_is_nothing(void **state)
{
	char *copy = mem_copy("kettle");
	void *bytes = mem_copy_bytes("a\0b", 3);
	void *none = mem_copy_bytes(NULL, 0);

	(void)state;
	assert_null(mem_copy(NULL));
	assert_string_equal(copy, "kettle");
	assert_memory_equal(bytes, "a\0b", 3);
	assert_non_null(none);
	free(copy);
	free(bytes);
	free(none);
}

static void mem_printf_makes_room_for_everything(void **state)
{
	char *text = mem_printf("%s/%0512d", "kettle", 7);

	(void)state;
	assert_int_equal(strlen(text), strlen("kettle/") + 512);
	assert_int_equal(text[strlen(text) - 1], '7');
	free(text);
}

static void mem_replace_tells_a_change(void **state)
{
	char *slot = NULL;

	(void)state;
	assert_false(mem_replace(&slot, NULL));
	assert_false(mem_replace(&slot, ""));
	assert_null(slot);
	assert_true(mem_replace(&slot, "kettle"));
	assert_string_equal(slot, "kettle");
	assert_false(mem_replace(&slot, "kettle"));
	assert_true(mem_replace(&slot, "toaster"));
	assert_string_equal(slot, "toaster");
	assert_true(mem_replace(&slot, NULL));
	assert_null(slot);
}

static void mem_replace_start_keeps_the_start_only(void **state)
{
	char *slot = NULL;

	(void)state;
	assert_true(mem_replace_start(&slot, "kettle", 3));
	assert_string_equal(slot, "ket");
	assert_false(mem_replace_start(&slot, "kettle", 3));
	assert_false(mem_replace_start(&slot, "ket", 3));
	assert_true(mem_replace_start(&slot, "kettle", 4));
	assert_string_equal(slot, "kett");
	assert_true(mem_replace_start(&slot, "ke", 4));
	assert_string_equal(slot, "ke");
	assert_true(mem_replace_start(&slot, "kettle", 0));
	assert_string_equal(slot, "");
	free(slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mem_new_and_mem_array_give_zeroes),
		cmocka_unit_test(mem_resize_keeps_what_was_there),
		cmocka_unit_test(mem_resize_ends_the_program_when_the_size_wraps),
		cmocka_unit_test(mem_copy_of_nothing_is_nothing),
		cmocka_unit_test(mem_printf_makes_room_for_everything),
		cmocka_unit_test(mem_replace_tells_a_change),
		cmocka_unit_test(mem_replace_start_keeps_the_start_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
