#include "bridge/mem.h"

#include "bridge/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory)
{
	if (!memory) {
		log_fatal("out of memory");
	}
	return memory;
}

void *mem_new(size_t size)
{
	return checked(calloc(1, size));
}

void *mem_array(size_t count, size_t size)
{
	return checked(calloc(count > 0 ? count : 1, size));
}

void *mem_resize(void *memory, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		log_fatal("out of memory");
	}
	return checked(realloc(memory, count > 0 && size > 0 ? count * size : 1));
}

char *mem_copy(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

void *mem_copy_bytes(const void *bytes, size_t size)
{
	void *copy = checked(malloc(size > 0 ? size : 1));

	if (size > 0) {
		memcpy(copy, bytes, size);
	}
	return copy;
}

char *mem_printf(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int size = 0;

	va_start(arguments, format);
	size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0) {
		log_fatal("a message could not be formatted");
	}
	text = mem_array((size_t)size + 1, 1);
	va_start(arguments, format);
	(void)vsnprintf(text, (size_t)size + 1, format, arguments);
	va_end(arguments);
	return text;
}

bool mem_replace_start(char **slot, const char *text, size_t max_bytes)
{
	const char *old = *slot ? *slot : "";
	const size_t size = text ? strnlen(text, max_bytes) : 0;
	const bool differs = strlen(old) != size || (size > 0 && memcmp(old, text, size) != 0);

	if (differs) {
		free(*slot);
		*slot = text ? checked(strndup(text, size)) : NULL;
	}
	return differs;
}

bool mem_replace(char **slot, const char *text)
{
	return mem_replace_start(slot, text, SIZE_MAX);
}
