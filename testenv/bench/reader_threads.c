// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two readers at once, from a full ring each, as xdpdrop_poll() has them read, beside one. And what
 * two loops reach on these CPUs that share nothing and only copy and write as many bytes.
 */
#include "reader_threads.h"

#include <limits.h>
#include <unistd.h>

#include "api/describe.h"
#include "api/readers.h"
#include "api/slice.h"
#include "base/parallel.h"
#include "bench.h"
#include "fakering.h"
#include "result.h"
#include "sandbox.h"

#define ROUNDS 21
#define QUICK_ROUNDS 3
#define THREADS 2
/* Records in the ring of a CPU are less than what a reader takes in one round. */
#define BYTES RING_BYTES
#define COPY_BYTES (1024 * 1024)

enum how { LOOP, LOOPS, READER, READERS, HOWS };

static const char *const columns[HOWS] = { "1 loop M/s", "2 loops M/s", "1 thread M/s",
					   "2 threads M/s" };

static const struct row {
	const char *name;
	unsigned int frame_bytes;
} rows[] = {
	{ "64 B, two threads, tmpfs", 64 },
	{ "1500 B, two threads, tmpfs", 1500 },
};

static struct fake_rings fake[THREADS];
static char copies[THREADS][COPY_BYTES];

struct loops {
	int fd[THREADS];
};

/* What is left in the buffer at the end is not worth a write. */
static void loop(void *data, unsigned int number)
{
	const struct loops *loops = data;
	const char *ring = fake[number].rings.ring[0].data;
	size_t step = fake[number].producer[0] / fake[number].records, used = 0;

	for (long i = 0; i < fake[number].records; i++) {
		memcpy(copies[number] + used, ring + i * step, step);
		used += step;
		if (used + step <= COPY_BYTES)
			continue;
		if (write(loops->fd[number], copies[number], used) != (ssize_t)used)
			die("cannot write");
		used = 0;
	}
}

static double run_loops(unsigned int threads)
{
	struct loops loops;
	double start;

	for (unsigned int i = 0; i < THREADS; i++)
		loops.fd[i] = bench_file(SANDBOX_TMPFS);
	start = bench_now();
	parallel_run(threads, threads, loop, &loops);
	start = bench_now() - start;
	for (unsigned int i = 0; i < THREADS; i++)
		close(loops.fd[i]);
	return start;
}

static struct xdpdrop *new_session(const int *fds, unsigned int threads)
{
	const struct xdpdrop_output output = { .size = sizeof(output),
					       .fd = threads > 1 ? -1 : fds[0],
					       .thread_fds = fds,
					       .thread_count = threads > 1 ? threads : 0 };
	const struct xdpdrop_point point = { .tap = "bench", .ifname = "bench" };
	struct xdpdrop *session;

	if (xdpdrop_new(&session) || xdpdrop_set_output(session, &output) ||
	    points_add(&session->points, &point, NULL) < 0 || describe_begin(session) ||
	    describe_points(session))
		die("cannot set up the readers");
	return session;
}

/* One round of the rings, as a poll makes it. */
static int read_rings(struct xdpdrop *session)
{
	int count;

	if (session->reader_count)
		return slice_run(session, 0);
	count = rings_drain(&fake[0].rings, ~0ULL, INT_MAX, sink_record, &session->sink);
	return sink_flush(&session->sink, false) ? -1 : count;
}

static double run_readers(unsigned int threads)
{
	int fds[THREADS], count;
	struct xdpdrop *session;
	long records = 0;
	double start;

	for (unsigned int i = 0; i < THREADS; i++) {
		fds[i] = bench_file(SANDBOX_TMPFS);
		fake_rings_rewind(&fake[i]);
	}
	session = new_session(fds, threads);
	for (unsigned int i = 0; i < threads; i++)
		records += fake[i].records;
	for (unsigned int i = 0; i < session->reader_count; i++)
		session->reader[i].rings = fake[i].rings;
	start = bench_now();
	count = read_rings(session);
	start = bench_now() - start;
	if (count != records)
		die("the readers passed on %d of %ld records", count, records);
	for (unsigned int i = 0; i < session->reader_count; i++)
		session->reader[i].rings = (struct rings){ 0 };
	xdpdrop_free(session);
	for (unsigned int i = 0; i < THREADS; i++)
		close(fds[i]);
	return start;
}

static double rate(enum how how)
{
	unsigned int threads = how == LOOPS || how == READERS ? THREADS : 1;
	double seconds = how == LOOP || how == LOOPS ? run_loops(threads) : run_readers(threads);

	return threads * fake[0].records / seconds / 1e6;
}

/* Each round has all, so that what else runs on the machine slows all alike. */
static void measure(const char *section, const struct row *row)
{
	struct samples rates[HOWS] = { 0 }, loops = { 0 }, readers = { 0 };

	for (unsigned int i = 0; i < THREADS; i++)
		fake_rings_fill(&fake[i], 1, BYTES, row->frame_bytes, 1);
	for (long round = bench_rounds(ROUNDS, QUICK_ROUNDS); round > 0; round--) {
		double now[HOWS];

		for (enum how how = 0; how < HOWS; how++) {
			now[how] = rate(how);
			samples_add(&rates[how], now[how]);
		}
		samples_add(&loops, now[LOOPS] / now[LOOP]);
		samples_add(&readers, now[READERS] / now[READER]);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		fake_rings_free(&fake[i]);
	for (enum how how = 0; how < HOWS; how++)
		result_samples(section, row->name, columns[how], &rates[how]);
	result_samples(section, row->name, "2 loops, times 1", &loops);
	result_samples(section, row->name, "2 threads, times 1", &readers);
}

void reader_threads_measure(const char *section)
{
	bench_use_cpu(BENCH_BOTH_CPUS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure(section, &rows[i]);
}
