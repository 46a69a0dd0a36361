/* process.h - the bridge under test: started, looked at through /proc, stopped.
 *
 * CPU time is the process clock, in nanoseconds: the 10 ms ticks of /proc/<pid>/stat are too
 * coarse for windows of a second. */
#ifndef PLUG_TESTS_BENCH_PROCESS_H
#define PLUG_TESTS_BENCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Starts argv, its output going where ours goes to stderr. It dies with this program. */
pid_t process_start(char **argv);
/* True once it has ended, with or without our asking. */
bool process_is_gone(pid_t pid);
void process_terminate(pid_t pid);
void process_kill(pid_t pid);

struct process_memory {
	uint64_t resident_bytes;     /* VmRSS: libraries and all */
	uint64_t proportional_bytes; /* PSS: shared pages divided by their users */
};

double process_cpu_us(pid_t pid);
struct process_memory process_memory(pid_t pid);
/* How often its threads went to sleep of their own will: one for each wake-up. */
uint64_t process_sleeps(pid_t pid);

#endif
