// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the wire to the file: a flood of live frames into a dropping program, the capture into a
 * file on tmpfs and on disk. Rates are for the time that the flood takes.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "capture.h"
#include "process.h"
#include "result.h"
#include "sandbox.h"

#define SECTION "files"
#define SECONDS 1
#define LONG_SECONDS 10
#define FASTEST 10000000 /* frames a second: more than any flood brings */
#define ROUNDS 3
#define SEARCH_STEPS 6
#define DD_MIB 1024
#define LONG_ROW "64 B, pcapng, tmpfs, 10 s, over an old file"

#define HOOK(as) .by = BY_TOOL, .program = "hooked", .tap = "hook", .format = (as)
#define TAP(name, as) .by = BY_TOOL, .program = "bare", .tap = (name), .format = (as)
#define XDPDUMP(as) .by = BY_XDPDUMP, .program = "bare", .format = (as)
#define FIXED .by = BY_FIXED, .program = "fixed"
#define AT_EXIT .by = BY_FIXED, .program = "bare", .at_exit = "fixed_percpu_at_exit"

static const struct capture captures[] = {
	{ .name = "nobody captures", .by = BY_NOBODY, .program = "bare", .quick = true },
	{ .name = "pcapng, tmpfs", HOOK("pcapng"), .quick = true, .search = true },
	{ .name = "pcapng with reasons, tmpfs", HOOK("pcapng"), .reasons = true },
	{ .name = "pcap, tmpfs", HOOK("pcap"), .search = true },
	{ .name = "(a) pcap, tmpfs", FIXED, .quick = true, .search = true },
	{ .name = "wrap, pcapng, tmpfs", TAP("wrap", "pcapng") },
	{ .name = "exit, pcapng, tmpfs", TAP("exit", "pcapng"), .quick = true },
	{ .name = "(e) pcap, tmpfs", AT_EXIT, .quick = true, .search = true },
	{ .name = "xdpdump pcapng, tmpfs", XDPDUMP("pcapng"), .quick = true, .search = true },
	{ .name = "xdpdump pcap, tmpfs", XDPDUMP("pcap") },
	{ .name = "pcapng, disk", HOOK("pcapng"), .disk = true, .search = true },
	{ .name = "pcap, disk", HOOK("pcap"), .disk = true },
	{ .name = "(a) pcap, disk", FIXED, .disk = true },
};
#define CAPTURES (int)(sizeof(captures) / sizeof(*captures))

/* One capture's figures over the rounds. */
struct figures {
	struct samples offered, dropped, written, bytes, cpu, lost;
	char why[160];
};

static const long sizes[] = { 64, 512, 1500 };

static void row_name(char *name, size_t size, const struct capture *capture, long bytes)
{
	snprintf(name, size, "%ld B, %s", bytes, capture->name);
}

static void add_figures(struct figures *figures, const struct capture_totals *totals)
{
	double frames = totals->written + totals->lost;

	samples_add(&figures->offered, totals->offered / totals->took / 1e6);
	samples_add(&figures->dropped, totals->dropped / totals->took / 1e6);
	if (!frames)
		return;
	samples_add(&figures->written, totals->written / totals->took / 1e6);
	samples_add(&figures->bytes, totals->bytes / totals->took / 1e6);
	samples_add(&figures->cpu, totals->written ? totals->cpu_ns / totals->written : 0);
	samples_add(&figures->lost, 100 * totals->lost / frames);
}

static void report(const char *row, const struct figures *figures)
{
	if (*figures->why) {
		result_not_run(SECTION, row, figures->why);
		return;
	}
	result_samples(SECTION, row, "offered M/s", &figures->offered);
	result_samples(SECTION, row, "dropped M/s", &figures->dropped);
	result_samples(SECTION, row, "written M/s", &figures->written);
	result_samples(SECTION, row, "lost %", &figures->lost);
	result_samples(SECTION, row, "reader ns/frame", &figures->cpu);
	result_samples(SECTION, row, "file MB/s", &figures->bytes);
}

static void measure(const struct capture *capture, long size, long seconds, struct figures *figures)
{
	long most = capture_most_frames(capture, size);
	struct flood flood = { .size = size,
			       .frames = most < seconds * FASTEST ? most : seconds * FASTEST,
			       .seconds = seconds };
	struct capture_totals totals;

	if (capture_run(capture, &flood, &totals, figures->why, sizeof(figures->why)))
		add_figures(figures, &totals);
}

static void measure_size(long size)
{
	struct figures figures[CAPTURES] = { 0 };
	long rounds = bench_rounds(ROUNDS, 1);
	char row[64];

	for (long round = 0; round < rounds; round++)
		for (int i = 0; i < CAPTURES; i++) {
			int index = round & 1 ? CAPTURES - 1 - i : i;

			if (captures[index].quick || !bench.quick)
				measure(&captures[index], size, SECONDS, &figures[index]);
		}
	for (int i = 0; i < CAPTURES; i++) {
		row_name(row, sizeof(row), &captures[i], size);
		report(row, &figures[i]);
	}
}

/*
 * Does it hold out, or only as long as the rings have room? A virtual machine gets memory that it
 * has not yet used more slowly from its host than frames come.
 */
static void measure_long(void)
{
	static const struct capture capture = { HOOK("pcapng"), .over = true };
	struct figures figures = { 0 };

	measure(&capture, 64, bench_rounds(LONG_SECONDS, 1), &figures);
	report(LONG_ROW, &figures);
}

/* @rate: 0 for the generator's full rate. */
static bool is_lossless(const struct capture *capture, long size, long frames, long rate)
{
	long most = capture_most_frames(capture, size);
	struct flood flood = {
		.size = size, .frames = frames < most ? frames : most, .seconds = 4, .rate = rate
	};
	struct capture_totals totals;
	char why[160];

	return capture_run(capture, &flood, &totals, why, sizeof(why)) && !totals.lost &&
	       totals.dropped >= totals.offered * 0.999;
}

/* The highest rate tried, frames per second, at which a second's flood lost nothing. */
static double search_rate(const struct capture *capture, long size, double full)
{
	double low = 0, high = full;

	if (is_lossless(capture, size, full, 0))
		return full;
	for (int step = 0; step < SEARCH_STEPS; step++) {
		double rate = (low + high) / 2;

		if (is_lossless(capture, size, rate, rate))
			low = rate;
		else
			high = rate;
	}
	return low;
}

static void search(const struct capture *capture, long size)
{
	double full, rate;
	char row[64];

	row_name(row, sizeof(row), capture, size);
	if (!result_get(SECTION, row, "offered M/s", &full))
		return;
	rate = search_rate(capture, size, full * 1e6) / 1e6;
	result_set(SECTION, row, "lossless M/s", rate, rate);
}

static double dd_rate(const char *directory)
{
	char count[24];
	char *argv[] = { "dd", "if=/dev/zero", "bs=1M", count, NULL };
	int out = bench_file(directory), status;
	double start = bench_now();
	struct process child;

	snprintf(count, sizeof(count), "count=%d", DD_MIB);
	process_exec(&child, argv, bench.reader_cpu, out);
	process_wait(&child, &status);
	close(out);
	return status ? 0 : DD_MIB * MIB / (bench_now() - start) / 1e6;
}

static void measure_dd(void)
{
	struct samples tmpfs = { 0 }, disk = { 0 };

	for (long round = bench_rounds(ROUNDS, 1); round > 0; round--) {
		samples_add(&tmpfs, dd_rate(SANDBOX_TMPFS));
		samples_add(&disk, dd_rate(bench.build));
	}
	result_samples(SECTION, "dd of zeroes, tmpfs", "file MB/s", &tmpfs);
	result_samples(SECTION, "dd of zeroes, disk", "file MB/s", &disk);
}

void section_files(void)
{
	capture_setup();
	measure_dd();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		measure_size(sizes[i]);
	measure_long();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes) && !bench.quick; i++)
		for (int j = 0; j < CAPTURES; j++)
			if (captures[j].search)
				search(&captures[j], sizes[i]);
	result_print(SECTION,
		     "From the wire to a file: flood and program on one CPU, reader on the "
		     "other; median (minimum)");
}
