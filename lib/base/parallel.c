// SPDX-License-Identifier: LGPL-2.1-only
#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* Enough for libbpf, and little where there is one thread for each of many CPUs. */
#define STACK_BYTES (1 << 20)

struct parallel_job {
	parallel_fn fn;
	void *data;
	unsigned int steps;
	unsigned int next; /* atomic */
};

static void *parallel_work(void *data)
{
	struct parallel_job *job = data;
	unsigned int step;

	while ((step = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED)) < job->steps)
		job->fn(job->data, step);
	return NULL;
}

/* The application's handlers run in the application's threads. Returns how many have started. */
static unsigned int parallel_start(void *(*fn)(void *), void *data, pthread_t *threads,
				   unsigned int count)
{
	unsigned int started = 0;
	pthread_attr_t attributes;
	sigset_t all, before;

	if (pthread_attr_init(&attributes))
		return 0;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (started < count && !pthread_create(&threads[started], &attributes, fn, data))
		started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return started;
}

void parallel_run(unsigned int steps, unsigned int count, parallel_fn fn, void *data)
{
	unsigned int others = (count < steps ? count : steps), started = 0;
	struct parallel_job job = { .fn = fn, .data = data, .steps = steps };
	CLEANUP_FREE pthread_t *threads = NULL;

	if (others > 1)
		threads = malloc(--others * sizeof(*threads));
	if (threads)
		started = parallel_start(parallel_work, &job, threads, others);
	parallel_work(&job);
	while (started)
		pthread_join(threads[--started], NULL);
}

static void *parallel_work_alone(void *data)
{
	const struct parallel_call *call = data;

	call->fn(call->data);
	return NULL;
}

void parallel_begin(struct parallel_call *call, void (*fn)(void *data), void *data)
{
	call->fn = fn;
	call->data = data;
	call->started = parallel_start(parallel_work_alone, call, &call->thread, 1);
}

void parallel_end(struct parallel_call *call)
{
	if (call->started)
		pthread_join(call->thread, NULL);
}
