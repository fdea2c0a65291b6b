/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Runs the steps of one job at once, in threads that have ended when the job is done.
 */
#ifndef XDPDROP_BASE_PARALLEL_H
#define XDPDROP_BASE_PARALLEL_H

#include <pthread.h>
#include <stdbool.h>

typedef void (*parallel_fn)(void *data, unsigned int step);

/*
 * Call @fn(@data, step) once for each step below @steps, in up to @threads threads. The calling
 * thread is one of them. Threads that cannot be started leave their steps to the others. The
 * others have the calling thread's namespaces and privileges, and no signals. @fn forks no process.
 */
void parallel_run(unsigned int steps, unsigned int threads, parallel_fn fn, void *data);

/* One call beside what the calling thread does. */
struct parallel_call {
	void (*fn)(void *data);
	void *data;
	pthread_t thread;
	bool started;
};

/* Call @fn(@data) in such a thread. If none can be started, @fn() is not called. */
void parallel_begin(struct parallel_call *call, void (*fn)(void *data), void *data);

/* Wait until it has returned. */
void parallel_end(struct parallel_call *call);

#endif
