/* loop.h - what run.c does for job.c: the loop's time, and the end of a job. */
#ifndef PLUG_PLUGCTL_LOOP_H
#define PLUG_PLUGCTL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct job;
struct run;

uint64_t loop_now_ms(const struct run *run);

/* Nothing more is to be asked: the user has interrupted. */
bool loop_is_closing(const struct run *run);

/* Takes note of job->data or job->error and lets the next job of the device begin. */
void loop_job_ended(struct job *job);

#endif
