// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calling thread reads batches of frames, and takes results in the order of the file. Other
 * threads run batches. A batch goes round: it is read, run and taken; only then it is read into
 * again.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "common/signals.h"
#include "replay/replay_batch.h"
#include "replay/replay_jobs.h"

#define BATCHES_PER_JOB 2
#define BATCHES_AHEAD 12 /* so that no thread waits while the calling thread does */

struct jobs {
	struct replay_run *run;
	struct replay_batch *batch;
	unsigned int batches; /* a ring of them */
	pthread_mutex_t lock; /* of the fields below */
	pthread_cond_t changed;
	__u64 read, begun;  /* batches, since the start */
	bool *done;	    /* the batch of this place in the ring was run */
	unsigned int ready; /* threads */
	bool ended;	    /* no more batches come */
	int err;	    /* of a thread that cannot run */
};

struct job {
	struct jobs *jobs;
	pthread_t thread;
	unsigned int number;
	bool started;
};

static void replay_jobs_report_ready(struct jobs *jobs, int err)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->ready++;
	jobs->err = err ? err : jobs->err;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

/* False: there is none. */
static bool replay_jobs_begin_batch(struct jobs *jobs, unsigned int *place)
{
	bool begun;

	pthread_mutex_lock(&jobs->lock);
	while (jobs->begun == jobs->read && !jobs->ended)
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	begun = jobs->begun < jobs->read;
	if (begun)
		*place = jobs->begun++ % jobs->batches;
	pthread_mutex_unlock(&jobs->lock);
	return begun;
}

static void replay_jobs_end_batch(struct jobs *jobs, unsigned int place)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->done[place] = true;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

static void *replay_jobs_run_one(void *data)
{
	struct job *job = data;
	struct jobs *jobs = job->jobs;
	struct replay_lane lane;
	unsigned int place;
	int err = replay_lane_share(&lane, &jobs->run->lane, job->number);

	replay_jobs_report_ready(jobs, err);
	while (!err && replay_jobs_begin_batch(jobs, &place)) {
		replay_batch_run(&jobs->batch[place], &lane);
		replay_jobs_end_batch(jobs, place);
	}
	replay_lane_free(&lane);
	return NULL;
}

/* Returns the error of a thread that cannot run. */
static int replay_jobs_await_threads(struct jobs *jobs, unsigned int count)
{
	int err;

	pthread_mutex_lock(&jobs->lock);
	while (jobs->ready < count)
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	err = jobs->err;
	pthread_mutex_unlock(&jobs->lock);
	return err;
}

static void replay_jobs_await_batch(struct jobs *jobs, unsigned int place)
{
	pthread_mutex_lock(&jobs->lock);
	while (!jobs->done[place])
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	jobs->done[place] = false;
	pthread_mutex_unlock(&jobs->lock);
}

static int replay_jobs_take_batch(struct jobs *jobs, unsigned int place)
{
	replay_jobs_await_batch(jobs, place);
	return replay_take_batch(jobs->run, &jobs->batch[place]);
}

static void replay_jobs_offer_batch(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->read++;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
}

static int replay_jobs_go_round(struct jobs *jobs)
{
	__u64 taken = 0;
	int got = 1, err = 0;

	while (!err && (got > 0 || taken < jobs->read)) {
		unsigned int place = jobs->read % jobs->batches;

		if (got <= 0 || jobs->read - taken == jobs->batches) {
			err = replay_jobs_take_batch(jobs, taken++ % jobs->batches);
			continue;
		}
		got = signals_ended() ? -EINTR :
					replay_batch_read(&jobs->batch[place], jobs->run->reader,
							  REPLAY_BATCH, true);
		replay_jobs_offer_batch(jobs);
	}
	return err ? err : got;
}

/*
 * The threads take no signals: these are to interrupt the calling thread's reads. One starts after
 * the other, so that only the first that cannot run has its error reported.
 */
static int replay_jobs_start(struct jobs *jobs, struct job *job, unsigned int count)
{
	sigset_t all, before;
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned int i = 0; !err && i < count; i++) {
		job[i] = (struct job){ .jobs = jobs, .number = i };
		err = -pthread_create(&job[i].thread, NULL, replay_jobs_run_one, &job[i]);
		job[i].started = !err;
		err = err ? err : replay_jobs_await_threads(jobs, i + 1);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static void replay_jobs_end(struct jobs *jobs, struct job *job, unsigned int count)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->ended = true;
	jobs->begun = jobs->read;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
	for (unsigned int i = 0; i < count; i++)
		if (job[i].started)
			pthread_join(job[i].thread, NULL);
}

int replay_jobs_run(struct replay_run *run, unsigned int count)
{
	struct jobs jobs = { .run = run,
			     .batches = BATCHES_PER_JOB * count + BATCHES_AHEAD,
			     .lock = PTHREAD_MUTEX_INITIALIZER,
			     .changed = PTHREAD_COND_INITIALIZER };
	struct job job[REPLAY_JOBS_MAX] = { 0 };
	int err = -ENOMEM;

	jobs.batch = calloc(jobs.batches, sizeof(*jobs.batch));
	jobs.done = calloc(jobs.batches, sizeof(*jobs.done));
	if (jobs.batch && jobs.done) {
		err = replay_jobs_start(&jobs, job, count);
		err = err ? err : replay_jobs_go_round(&jobs);
		replay_jobs_end(&jobs, job, count);
	}
	free(jobs.batch);
	free(jobs.done);
	return err;
}
