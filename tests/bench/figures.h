/* figures.h - what was measured: names and numbers, printed as one JSON object.
 *
 *     {"idle.relay_p50_us": 231.0, ...} */
#ifndef PLUG_TESTS_BENCH_FIGURES_H
#define PLUG_TESTS_BENCH_FIGURES_H

#include <stddef.h>
#include <stdint.h>

enum { FIGURES_MAX = 128, FIGURES_NAME_BYTES = 64 };

/* Starts zeroed. */
struct figures {
	size_t count;
	struct {
		char name[FIGURES_NAME_BYTES];
		double value;
	} items[FIGURES_MAX];
};

void figures_add(struct figures *figures, const char *phase, const char *name, double value);
/* <name>_p50_us, <name>_p99_us and <name>_max_us of count samples, which are sorted in place.
 * Nothing is added when there are none. */
void figures_add_times(
	struct figures *figures, const char *phase, const char *name, uint64_t *us, size_t count);
void figures_print(const struct figures *figures);

#endif
