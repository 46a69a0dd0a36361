/* phases.h - what is measured, phase by phase, on one running bridge. */
#ifndef PLUG_TESTS_BENCH_PHASES_H
#define PLUG_TESTS_BENCH_PHASES_H

#include <stdbool.h>

#include "tests/bench/bench.h"

/* Waits until every plug was polled, a command came through and start-up is over. */
void phases_start(struct bench *bench);

/* settled  resident memory, once what was only needed for the start is given back
 * idle     single commands, one after the other
 * polled   the same, named apart: the bridge polls meanwhile
 * still    CPU of polls that have nothing to publish
 * reading  CPU of polls that each find one other reading
 * relay    CPU of polls that each find the relay moved
 * burst    a thousand commands at once, one to each plug
 * storm    ten commands at once to each of a hundred plugs that answer slowly
 * Single commands go to plugs that are not hung; burst and storm want all of them well.
 * False when there is no such phase. */
bool phases_run(struct bench *bench, const char *name);

/* What is only known at the end. */
void phases_end(struct bench *bench);

#endif
