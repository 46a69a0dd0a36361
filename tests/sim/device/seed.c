#include "tests/sim/device/seed.h"

/* Weyl sequence and finaliser of the generator known as SplitMix64. */
static const uint64_t STEP = 0x9E3779B97F4A7C15;

static uint64_t mix(uint64_t value)
{
	value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
	value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
	return value ^ (value >> 31);
}

uint64_t sim_seed_number(uint64_t seed, uint64_t n)
{
	return mix(mix(seed + STEP) + (n + 1) * STEP);
}

int64_t sim_seed_between(uint64_t seed, uint64_t n, int64_t min, int64_t max)
{
	return min + (int64_t)(sim_seed_number(seed, n) % (uint64_t)(max - min + 1));
}

void sim_seed_add_hex(struct sim_text *text, uint64_t seed, size_t digits)
{
	enum { DIGITS_OF_NUMBER = 16 };
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < digits; i += DIGITS_OF_NUMBER) {
		uint64_t number = sim_seed_number(seed, i / DIGITS_OF_NUMBER);
		char part[DIGITS_OF_NUMBER];
		size_t size = 0;

		for (; size < DIGITS_OF_NUMBER && i + size < digits; size++) {
			part[size] = hex[number & 15];
			number >>= 4;
		}
		sim_text_add_bytes(text, part, size);
	}
}
