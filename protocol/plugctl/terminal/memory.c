#include "protocol/plugctl/terminal/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void memory_is_out(void)
{
	fputs("plugctl: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

void *memory_new(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (!memory) {
		memory_is_out();
	}
	return memory;
}

char *memory_copy(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		memory_is_out();
	}
	return copy;
}

char *memory_format(const char *format, ...)
{
	va_list arguments;
	char *text;
	int size;

	va_start(arguments, format);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0) {
		memory_is_out();
	}
	text = memory_new((size_t)size + 1, 1);
	va_start(arguments, format);
	(void)vsnprintf(text, (size_t)size + 1, format, arguments);
	va_end(arguments);
	return text;
}

struct json_object *memory_json(struct json_object *value)
{
	if (!value) {
		memory_is_out();
	}
	return value;
}
