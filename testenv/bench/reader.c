// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader alone, from full rings: merging by time, and writing pcapng.
 */
#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "output/sink.h"
#include "fakering.h"
#include "reader_threads.h"
#include "result.h"
#include "sandbox.h"

#define SECTION "reader"
#define THREADS_SECTION "threads"
#define ROUNDS 11
#define QUICK_ROUNDS 3
#define BYTES (64 * 1024 * 1024)
#define HISTORY_BYTES (64ULL * 1024 * 1024)
#define HISTORY_ROW "64 B, into a history: times /dev/null"

static const unsigned int counts[] = { 1, 2, 16, 64 };
static const char *const count_names[] = { "1 ring", "2 rings", "16 rings", "64 rings" };

enum output { NOWHERE, DEV_NULL, TMPFS, HISTORY };

static const struct row {
	const char *name;
	unsigned int frame_bytes;
	unsigned int run; /* records of one ring in a row */
	enum output output;
} rows[] = {
	{ "64 B, merge only, rings alternate", 64, 1, NOWHERE },
	{ "64 B, merge only, runs of 64", 64, 64, NOWHERE },
	{ "64 B, pcapng to /dev/null", 64, 64, DEV_NULL },
	{ "64 B, pcapng to tmpfs", 64, 64, TMPFS },
	{ "64 B, pcapng into a history", 64, 64, HISTORY },
	{ "512 B, pcapng to /dev/null", 512, 64, DEV_NULL },
	{ "512 B, pcapng to tmpfs", 512, 64, TMPFS },
	{ "1500 B, pcapng to /dev/null", 1500, 64, DEV_NULL },
	{ "1500 B, pcapng to tmpfs", 1500, 64, TMPFS },
};

static double cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int ignore(void *data, const struct xdpdrop_record *record)
{
	*(__u64 *)data += record->len;
	return 0;
}

/* Merge what is there and give it to @fn; ns per record. */
static double drain(struct fake_rings *fake, ring_record_fn fn, void *data)
{
	double start;
	int count;

	fake_rings_rewind(fake);
	start = cpu_ns();
	count = rings_drain(&fake->rings, ULLONG_MAX, INT_MAX, fn, data);
	if (count != fake->records)
		die("the reader passed on %d of %ld records", count, fake->records);
	return (cpu_ns() - start) / count;
}

static int describe(void *data, struct sink *sink, unsigned int index,
		    const struct xdpdrop_point *info)
{
	const struct writer_interface interface = { .name = info->ifname };

	(void)data, (void)index;
	return sink_put_interface(sink, &interface);
}

/* Once before it is measured: then each record displaces another one. */
static void keep_history(struct sink *sink, struct fake_rings *fake)
{
	sink->recorder->points = sink->points;
	sink->recorder->writer = sink->writer;
	drain(fake, sink_record, sink);
}

static double drain_into(struct fake_rings *fake, int fd, bool history)
{
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = fd };
	struct sink sink = { .describe = describe };
	struct points points = { 0 };
	struct xdpdrop_point point = { .tap = "bench", .ifname = "bench", .ifindex = FAKE_IFINDEX };
	struct reasons none = { 0 };
	double start, ns;

	if (points_add(&points, &point, &none) < 0 || sink_set_output(&sink, &output) ||
	    sink_begin(&sink, &points, XDPDROP_MAX_CAPLEN, ""))
		die("cannot set up the writer");
	if (history && recorder_new(&sink.recorder, HISTORY_BYTES))
		die("no memory for a history");
	if (history)
		keep_history(&sink, fake);
	ns = drain(fake, sink_record, &sink);
	start = cpu_ns();
	if (sink_flush(&sink, false))
		die("cannot write");
	ns += (cpu_ns() - start) / fake->records;
	sink_free(&sink);
	points_free(&points);
	return ns;
}

static double measure_once(struct fake_rings *fake, enum output output)
{
	__u64 sum = 0;
	double ns;
	int fd;

	if (output == NOWHERE)
		return drain(fake, ignore, &sum);
	fd = output == TMPFS ? bench_file(SANDBOX_TMPFS) : open("/dev/null", O_WRONLY | O_CLOEXEC);
	ns = drain_into(fake, fd, output == HISTORY);
	close(fd);
	return ns;
}

static void measure(const struct row *row, int column)
{
	static struct fake_rings fake;
	struct samples samples = { 0 };

	fake_rings_fill(&fake, counts[column], BYTES, row->frame_bytes, row->run);
	for (long round = bench_rounds(ROUNDS, QUICK_ROUNDS); round > 0; round--)
		samples_add(&samples, measure_once(&fake, row->output));
	fake_rings_free(&fake);
	result_samples(SECTION, row->name, count_names[column], &samples);
	if (column)
		return;
	result_set(SECTION, row->name, "1 ring, M/s", 1e3 / samples_median(&samples),
		   1e3 / samples_median(&samples));
	result_set(SECTION, row->name, "1 ring, GB/s", row->frame_bytes / samples_median(&samples),
		   row->frame_bytes / samples_median(&samples));
}

/* Pairs: what else runs on the machine slows both alike. */
static void measure_history(int column)
{
	static struct fake_rings fake;
	struct samples times = { 0 };

	fake_rings_fill(&fake, counts[column], BYTES, 64, 64);
	for (long round = bench_rounds(ROUNDS, QUICK_ROUNDS); round > 0; round--) {
		double plain = measure_once(&fake, DEV_NULL);

		samples_add(&times, measure_once(&fake, HISTORY) / plain);
	}
	fake_rings_free(&fake);
	result_samples(SECTION, HISTORY_ROW, count_names[column], &times);
}

void section_reader(void)
{
	bench_use_cpu(bench.reader_cpu);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t column = 0; column < sizeof(counts) / sizeof(*counts); column++)
			measure(&rows[i], column);
	for (size_t column = 0; column < sizeof(counts) / sizeof(*counts); column++)
		measure_history(column);
	result_print(SECTION, "The reader alone, from full rings: CPU ns per record; "
			      "median (minimum)");
	reader_threads_measure(THREADS_SECTION);
	result_print(THREADS_SECTION, "Two threads that read, beside one; median (minimum)");
	bench_use_cpu(bench.work_cpu);
}
