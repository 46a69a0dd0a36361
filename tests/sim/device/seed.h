/* seed.h - numbers that look random and are the same in every run. */
#ifndef SIM_DEVICE_SEED_H
#define SIM_DEVICE_SEED_H

#include "tests/sim/device/text.h"

#include <stddef.h>
#include <stdint.h>

/* The nth number of the row that seed names; well spread for neighbouring seeds and n. */
uint64_t sim_seed_number(uint64_t seed, uint64_t n);

/* The same, in min..max. */
int64_t sim_seed_between(uint64_t seed, uint64_t n, int64_t min, int64_t max);

/* Adds digits upper-case hexadecimal digits: the ids that devices carry. */
void sim_seed_add_hex(struct sim_text *text, uint64_t seed, size_t digits);

#endif
