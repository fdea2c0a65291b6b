/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of steps in threads: each is done once, also where no thread can be had.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include "base/parallel.h"

#define STEPS 50

static int available; /* threads */
static int created;

/* The linker has parallel.c call it (--wrap): sanitizers have a pthread_create() of their own. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *data);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *data);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *data)
{
	if (created == available)
		return EAGAIN;
	created++;
	return __real_pthread_create(thread, attributes, run, data);
}

static struct job {
	pthread_t caller;
	unsigned int done[STEPS];
	bool disturbed; /* a thread of the job has signals */
} job;

static void step(void *data, unsigned int number)
{
	sigset_t blocked;

	assert_ptr_equal(data, &job);
	job.done[number]++;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	if (!pthread_equal(pthread_self(), job.caller) && !sigismember(&blocked, SIGINT))
		__atomic_store_n(&job.disturbed, true, __ATOMIC_RELAXED);
}

static void run(unsigned int steps, unsigned int threads, int can_start)
{
	sigset_t blocked;

	available = can_start;
	created = 0;
	memset(&job, 0, sizeof(job));
	job.caller = pthread_self();
	parallel_run(steps, threads, step, &job);
	for (unsigned int i = 0; i < STEPS; i++)
		assert_int_equal(job.done[i], i < steps);
	assert_false(job.disturbed);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	assert_false(sigismember(&blocked, SIGINT));
}

static void each_step_is_done_once(void **state)
{
	(void)state;
	run(STEPS, 4, INT32_MAX);
	assert_int_equal(created, 3);
	run(3, STEPS, INT32_MAX);
	assert_int_equal(created, 2);
	run(1, STEPS, INT32_MAX);
	assert_int_equal(created, 0);
	run(0, STEPS, INT32_MAX);
	assert_int_equal(created, 0);
	run(STEPS, 0, INT32_MAX);
	assert_int_equal(created, 0);
}

static void steps_are_done_without_threads(void **state)
{
	(void)state;
	run(STEPS, STEPS, 0);
	run(STEPS, STEPS, 7);
	assert_int_equal(created, 7);
}

static pthread_t called_in;
static int calls;

static void note_call(void *data)
{
	int *count = data;

	called_in = pthread_self();
	++*count;
}

static void call_is_made_beside_the_caller(void **state)
{
	struct parallel_call call = { 0 };

	(void)state;
	parallel_end(&call); /* has not begun */
	available = INT32_MAX;
	calls = created = 0;
	parallel_begin(&call, note_call, &calls);
	parallel_end(&call);
	assert_int_equal(calls, 1);
	assert_false(pthread_equal(called_in, pthread_self()));
	available = created;
	parallel_begin(&call, note_call, &calls);
	parallel_end(&call);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_done_once),
		cmocka_unit_test(steps_are_done_without_threads),
		cmocka_unit_test(call_is_made_beside_the_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
