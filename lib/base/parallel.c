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

/* Returns how many have started. */
static unsigned int parallel_start(struct parallel_job *job, pthread_t *threads, unsigned int count)
{
	unsigned int started = 0;
	pthread_attr_t attributes;

	if (pthread_attr_init(&attributes))
		return 0;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	while (started < count &&
	       !pthread_create(&threads[started], &attributes, parallel_work, job))
		started++;
	pthread_attr_destroy(&attributes);
	return started;
}

void parallel_run(unsigned int steps, unsigned int count, parallel_fn fn, void *data)
{
	unsigned int others = (count < steps ? count : steps), started = 0;
	struct parallel_job job = { .fn = fn, .data = data, .steps = steps };
	CLEANUP_FREE pthread_t *threads = NULL;
	sigset_t all, before;

	if (others > 1)
		threads = malloc(--others * sizeof(*threads));
	/* the application's handlers run in the application's threads */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (threads)
		started = parallel_start(&job, threads, others);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	parallel_work(&job);
	while (started)
		pthread_join(threads[--started], NULL);
}
