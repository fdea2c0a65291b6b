/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that the bench starts: bound to a CPU, ends with the bench, what it says on standard
 * error is kept.
 */
#ifndef XDPDROP_BENCH_PROCESS_H
#define XDPDROP_BENCH_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid;	 /* 0: not running */
	int pipe;	 /* its standard error */
	char text[4096]; /* what came from it so far */
	size_t used;
};

/* Run @argv with @out as its standard output (-1: /dev/null). */
void process_exec(struct process *child, char *const argv[], int cpu, int out);

/* Run fn(data), which says on standard error when it is ready. */
void process_fork(struct process *child, void (*fn)(void *data), void *data, int cpu);

/* Wait until it has said @word; false when it ended, or said nothing of the kind for 20 s. */
bool process_said(struct process *child, const char *word);

/* Wait for its end. *@status as of wait(); returns the CPU time that it used, ns. */
double process_wait(struct process *child, int *status);

/* CPU time that it has used so far, ns. */
double process_cpu(const struct process *child);

/* The last line that it said; "" when there is none. */
const char *process_last_line(struct process *child);

#endif
