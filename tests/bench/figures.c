#include "tests/bench/figures.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

void figures_add(struct figures *figures, const char *phase, const char *name, double value)
{
	char *place = figures->items[figures->count].name;
	int size;

	if (figures->count == FIGURES_MAX) {
		errx(1, "more than %d figures", FIGURES_MAX);
	}
	size = snprintf(place, FIGURES_NAME_BYTES, "%s.%s", phase, name);
	if (size < 0 || size >= FIGURES_NAME_BYTES) {
		errx(1, "the name %s.%s is too long", phase, name);
	}
	figures->items[figures->count++].value = value;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

void figures_add_times(
	struct figures *figures, const char *phase, const char *name, uint64_t *us, size_t count)
{
	static const struct {
		const char *suffix;
		size_t percent;
	} ranks[] = { { "p50_us", 50 }, { "p99_us", 99 }, { "max_us", 100 } };
	char full[FIGURES_NAME_BYTES];

	if (count == 0) {
		return;
	}
	qsort(us, count, sizeof(*us), compare);
	for (size_t i = 0; i < sizeof(ranks) / sizeof(*ranks); i++) {
		/* Nearest rank: the smallest sample that so many percent do not exceed. */
		size_t rank = (count * ranks[i].percent + 99) / 100;

		snprintf(full, sizeof(full), "%s_%s", name, ranks[i].suffix);
		figures_add(figures, phase, full, (double)us[rank - 1]);
	}
}

void figures_print(const struct figures *figures)
{
	for (size_t i = 0; i < figures->count; i++) {
		printf("%s\"%s\": %.3f", i == 0 ? "{" : ", ", figures->items[i].name,
			figures->items[i].value);
	}
	printf("}\n");
}
