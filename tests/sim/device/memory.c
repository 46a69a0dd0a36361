#include "tests/sim/device/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *sim_require(void *memory)
{
	if (!memory) {
		fputs("plugsim: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *sim_allocate(size_t size)
{
	return sim_require(calloc(1, size));
}

void *sim_reallocate(void *memory, size_t size)
{
	return sim_require(realloc(memory, size));
}

char *sim_duplicate(const char *text)
{
	const size_t size = strlen(text) + 1;

	return memcpy(sim_allocate(size), text, size);
}

void sim_replace(char **place, const char *text)
{
	char *copy = sim_duplicate(text);

	free(*place);
	*place = copy;
}
