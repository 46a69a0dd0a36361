#include "config/text/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ITEMS = 16 };

static void *checked(void *memory)
{
	if (!memory) {
		fputs("out of memory while reading the configuration\n", stderr);
		exit(EXIT_FAILURE);
	}
	return memory;
}

void *config_alloc(size_t count, size_t item_bytes)
{
	return checked(calloc(count ? count : 1, item_bytes));
}

void *config_grow(void *items, size_t count, size_t *capacity, size_t item_bytes)
{
	if (count < *capacity) {
		return items;
	}
	if (*capacity > SIZE_MAX / 2 / item_bytes) {
		return checked(NULL);
	}
	*capacity = *capacity ? *capacity * 2 : FIRST_ITEMS;
	return checked(realloc(items, *capacity * item_bytes));
}

char *config_copy(const char *text)
{
	return checked(strdup(text));
}

char *config_format_list(const char *format, va_list arguments)
{
	va_list again;

	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, arguments);
	char *text = config_alloc(length < 0 ? 1 : (size_t)length + 1, 1);
	if (length >= 0) {
		vsnprintf(text, (size_t)length + 1, format, again);
	}
	va_end(again);
	return text;
}

char *config_format(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = config_format_list(format, arguments);
	va_end(arguments);
	return text;
}
