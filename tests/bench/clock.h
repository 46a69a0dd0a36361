/* clock.h - the one clock of every figure: CLOCK_MONOTONIC. */
#ifndef PLUG_TESTS_BENCH_CLOCK_H
#define PLUG_TESTS_BENCH_CLOCK_H

#include <stdint.h>

uint64_t clock_now_us(void);

#endif
