/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that the bench starts: bound to a CPU, ends with the bench, what it says on standard
 * error is kept.
 */
#ifndef XDPDROP_BENCH_CHILD_H
#define XDPDROP_BENCH_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;	 /* 0: not running */
	int pipe;	 /* its standard error */
	char text[4096]; /* what came from it so far */
	size_t used;
};

/* Run @argv with @out as its standard output (-1: /dev/null). */
void child_exec(struct child *child, char *const argv[], int cpu, int out);

/* Run fn(data), which says on standard error when it is ready. */
void child_fork(struct child *child, void (*fn)(void *data), void *data, int cpu);

/* Wait until it has said @word; false when it ended, or said nothing of the kind for 20 s. */
bool child_said(struct child *child, const char *word);

/* Wait for its end. *@status as of wait(); returns the CPU time that it used, ns. */
double child_wait(struct child *child, int *status);

/* CPU time that it has used so far, ns. */
double child_cpu(const struct child *child);

/* The last line that it said; "" when there is none. */
const char *child_last_line(struct child *child);

#endif
