// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader alone, from full rings to a file on the disk of the build directory, for more bytes
 * than the page cache takes without waiting. What dd and dumpcap reach there is beside it.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "output/sink.h"
#include "fakering.h"
#include "process.h"
#include "result.h"

#define SECTION "disk"
#define GIB (1024.0 * MIB)
#define FULL_GIB 16
#define QUICK_GIB 1
#define RING (64 * 1024 * 1024)
#define PIPE_BYTES (1024 * 1024)

struct figures {
	double mb_s, ns; /* CPU time for each frame */
};

static double cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int describe(void *data, struct sink *sink, unsigned int index,
		    const struct xdpdrop_point *info)
{
	const struct writer_interface interface = { .name = info->ifname };

	(void)data, (void)index;
	return sink_put_interface(sink, &interface);
}

/* Until the file has @bytes. The time includes fsync(). */
static void write_file(struct fake_rings *fake, const struct xdpdrop_output *output, double bytes,
		       struct figures *figures)
{
	struct sink sink = { .describe = describe };
	struct xdpdrop_point point = { .tap = "bench", .ifname = "bench", .ifindex = FAKE_IFINDEX };
	double start = bench_now(), cpu = cpu_ns(), frames = 0;
	struct points points = { 0 };
	struct reasons none = { 0 };

	if (points_add(&points, &point, &none) < 0 || sink_set_output(&sink, output) ||
	    sink_begin(&sink, &points, XDPDROP_MAX_CAPLEN, ""))
		die("cannot set up the writer");
	while (buffer_bytes(&sink.out) < bytes) {
		fake_rings_rewind(fake);
		frames += rings_drain(&fake->rings, ULLONG_MAX, INT_MAX, sink_record, &sink);
		if (sink.out.error)
			die("cannot write: error %d", sink.out.error);
	}
	bytes = buffer_bytes(&sink.out);
	if (sink_finish(&sink))
		die("cannot write");
	figures->ns = (cpu_ns() - cpu) / frames;
	figures->mb_s = bytes / (bench_now() - start) / 1e6;
	sink_free(&sink);
	points_free(&points);
}

static void measure_ours(struct fake_rings *fake, bool direct, double bytes,
			 struct figures *figures)
{
	const struct xdpdrop_output output = { .size = sizeof(output),
					       .fd = bench_file(bench.build),
					       .direct = direct };

	write_file(fake, &output, bytes, figures);
	close(output.fd);
}

/* dumpcap writes what it reads from a pipe; the figures are its own. */
static void measure_dumpcap(struct fake_rings *fake, double bytes, struct figures *figures)
{
	struct xdpdrop_output output = { .size = sizeof(output) };
	char name[sizeof(bench.build) + 32];
	char *argv[] = { "sh", "-c", "exec dumpcap -q -i - -w \"$0\" <\"$1\"", name, NULL, NULL };
	char fifo[sizeof(bench.build) + 32];
	struct process child;
	double start, frames;
	int status;

	snprintf(name, sizeof(name), "%s/bench-disk.pcapng", bench.build);
	snprintf(fifo, sizeof(fifo), "%s/bench-disk.fifo", bench.build);
	argv[4] = fifo;
	unlink(fifo);
	if (mkfifo(fifo, 0600))
		die("cannot make a pipe");
	start = bench_now();
	process_exec(&child, argv, bench.work_cpu, -1);
	output.fd = open(fifo, O_WRONLY | O_CLOEXEC);
	fcntl(output.fd, F_SETPIPE_SZ, PIPE_BYTES);
	write_file(fake, &output, bytes, figures);
	close(output.fd);
	frames = bytes / RING * fake->records;
	figures->ns = process_wait(&child, &status) / frames;
	figures->mb_s = bytes / (bench_now() - start) / 1e6;
	unlink(fifo);
	unlink(name);
	if (status)
		figures->mb_s = 0;
}

static double measure_dd(double bytes)
{
	char count[24];
	char name[sizeof(bench.build) + 32];
	char *argv[] = { "dd",	       "if=/dev/zero", "bs=4M", "oflag=direct",
			 "conv=fsync", count,	       name,	NULL };
	double start = bench_now();
	struct process child;
	int status;

	snprintf(name, sizeof(name), "of=%s/bench-disk.dd", bench.build);
	snprintf(count, sizeof(count), "count=%.0f", bytes / (4 * MIB));
	process_exec(&child, argv, bench.reader_cpu, -1);
	process_wait(&child, &status);
	unlink(name + strlen("of="));
	return status ? 0 : bytes / (bench_now() - start) / 1e6;
}

static void report(const char *row, const struct figures *figures, double dd)
{
	result_set(SECTION, row, "MB/s", figures->mb_s, figures->mb_s);
	result_set(SECTION, row, "part of dd", figures->mb_s / dd, figures->mb_s / dd);
	result_set(SECTION, row, "CPU ns/frame", figures->ns, figures->ns);
}

static void measure_size(unsigned int frame_bytes)
{
	static struct fake_rings fake;
	double bytes = bench_rounds(FULL_GIB, QUICK_GIB) * GIB, dd;
	struct figures figures;
	char row[64];

	fake_rings_fill(&fake, 2, RING, frame_bytes, 64);
	dd = measure_dd(bytes);
	snprintf(row, sizeof(row), "%u B, dd of zeroes, O_DIRECT", frame_bytes);
	result_set(SECTION, row, "MB/s", dd, dd);
	measure_ours(&fake, true, bytes, &figures);
	snprintf(row, sizeof(row), "%u B, pcapng", frame_bytes);
	report(row, &figures, dd);
	measure_ours(&fake, false, bytes / 4, &figures);
	snprintf(row, sizeof(row), "%u B, pcapng, page cache, a quarter of it", frame_bytes);
	report(row, &figures, dd);
	measure_dumpcap(&fake, bytes / 4, &figures);
	snprintf(row, sizeof(row), "%u B, dumpcap from a pipe, a quarter of it", frame_bytes);
	if (figures.mb_s)
		report(row, &figures, dd);
	else
		result_not_run(SECTION, row, "dumpcap failed");
	fake_rings_free(&fake);
}

void section_disk(void)
{
	bench_use_cpu(bench.reader_cpu);
	measure_size(512);
	measure_size(1500);
	bench_use_cpu(bench.work_cpu);
	result_print(SECTION, "To the disk, sustained, with fsync() at the end");
}
