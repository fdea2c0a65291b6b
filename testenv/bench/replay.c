// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpdrop-replay, from a pcap file to a pcapng file on tmpfs, against a plain loop of test runs of
 * the same program over the same frames in memory.
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "process.h"
#include "program.h"
#include "result.h"
#include "sandbox.h"

#define SECTION "replay"
#define FRAMES 500000
#define QUICK_FRAMES 50000
#define ROUNDS 9
#define QUICK_ROUNDS 3
#define FRAME_BYTES 64
#define SOURCE_PORT 34 /* offset */
#define DNS 53
#define INPUT SANDBOX_TMPFS "/frames.pcap"
#define EMPTY SANDBOX_TMPFS "/empty.pcap"
#define OUTPUT SANDBOX_TMPFS "/replayed.pcapng"

struct stored_frame {
	__u32 seconds, fraction, caplen, len;
	__u8 bytes[FRAME_BYTES];
};

/* What is compared is measured one after the other. */
enum how { LOOP, TOOL, LOOP_BY_TWO, TOOL_BY_TWO, HOWS };

static const char *const columns[HOWS] = { "loop M/s", "replay M/s", "2 loops M/s", "2 jobs M/s" };

static const struct row {
	const char *name;
	__u16 port; /* of all frames */
} rows[] = {
	{ "64 B, all pass", 4000 },
	{ "64 B, all dropped and written, with reasons", DNS },
};

static struct stored_frame *frames;
static long count;

/* UDP between addresses for documentation. */
static void make_frames(__u16 port)
{
	static const __u8 start[] = {
		0x02, 0, 0, 0, 0, 1,	2,    0, 0, 0,	  0,	2,    8, 0,    0x45, 0,	   0,
		50,   0, 0, 0, 0, 0x40, 0x11, 0, 0, 0xc6, 0x33, 0x64, 2, 0xc6, 0x33, 0x64, 1,
	};
	struct stored_frame frame = { .caplen = FRAME_BYTES, .len = FRAME_BYTES };

	memcpy(frame.bytes, start, sizeof(start));
	frame.bytes[SOURCE_PORT] = port >> 8;
	frame.bytes[SOURCE_PORT + 1] = port;
	for (long i = 0; i < count; i++) {
		frame.fraction = i % 1000000;
		frames[i] = frame;
	}
}

static void write_pcap(const char *path, long frames_of_it)
{
	const __u32 header[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };
	FILE *file = fopen(path, "we");

	if (!file || fwrite(header, sizeof(header), 1, file) != 1 ||
	    fwrite(frames, sizeof(*frames), frames_of_it, file) != (size_t)frames_of_it ||
	    fclose(file))
		die("%s: %s", path, strerror(errno));
}

static double run_loop(const struct program *program, long runs)
{
	double start = bench_now();

	for (long i = 0; i < runs; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frames[i].bytes,
			    .data_size_in = FRAME_BYTES, .repeat = 1);

		if (bpf_prog_test_run_opts(program->fd, &run))
			die("test run: %s", strerror(errno));
	}
	return bench_now() - start;
}

static void run_half(void *program)
{
	run_loop(program, count / 2);
}

/* Two processes with half of the frames each: what two CPUs of this machine can do. */
static double run_two_loops(const struct program *program)
{
	double start = bench_now();
	struct process child;
	int status;

	process_fork(&child, run_half, (void *)program, bench.reader_cpu);
	run_half((void *)program);
	process_wait(&child, &status);
	if (status)
		die("test runs: %s", process_last_line(&child));
	return bench_now() - start;
}

static double run_tool(const char *input, enum how how)
{
	char *tool = bench_path("xdpdrop-replay"), *object = bench_path("testenv/firewall.bpf.o");
	char *jobs = how == TOOL_BY_TWO ? "2" : "1";
	char *argv[] = { tool, "-q", "-j", jobs, object, (char *)input, OUTPUT, NULL };
	struct process child;
	double start;
	int status;

	unlink(OUTPUT); /* else the next run would wait until this one's pages are free */
	start = bench_now();
	process_exec(&child, argv, how == TOOL_BY_TWO ? BENCH_BOTH_CPUS : bench.work_cpu, -1);
	process_wait(&child, &status);
	if (status)
		die("xdpdrop-replay: %s", process_last_line(&child));
	free(tool);
	free(object);
	return bench_now() - start;
}

/* Of frames alone: less the time of a file without any. */
static double take(const struct program *program, enum how how)
{
	if (how == LOOP)
		return run_loop(program, count);
	if (how == LOOP_BY_TWO)
		return run_two_loops(program);
	return run_tool(INPUT, how) - run_tool(EMPTY, how);
}

static void measure(const struct row *row, const struct program *program)
{
	struct samples rates[HOWS] = { 0 };

	make_frames(row->port);
	write_pcap(INPUT, count);
	write_pcap(EMPTY, 0);
	for (long round = bench_rounds(ROUNDS, QUICK_ROUNDS); round > 0; round--)
		for (int i = 0; i < HOWS; i++) {
			enum how how = round & 1 ? HOWS - 1 - i : i;

			if ((how != TOOL_BY_TWO && how != LOOP_BY_TWO) ||
			    bench.work_cpu != bench.reader_cpu)
				samples_add(&rates[how], count / take(program, how) / 1e6);
		}
	for (int how = 0; how < HOWS; how++)
		if (rates[how].count)
			result_samples(SECTION, row->name, columns[how], &rates[how]);
}

void section_replay(void)
{
	const struct program_opts opts = { .name = "firewall", .object = "testenv/firewall.bpf.o" };
	struct program program = { 0 };
	char why[160];

	count = bench_rounds(FRAMES, QUICK_FRAMES);
	frames = calloc(count, sizeof(*frames));
	if (!frames)
		die("out of memory");
	if (program_load(&program, &opts, why, sizeof(why)))
		die("%s", why);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure(&rows[i], &program);
	program_unload(&program);
	free(frames);
	unlink(INPUT);
	unlink(OUTPUT);
	result_print(SECTION, "Replay: a loop of BPF_PROG_RUN, and xdpdrop-replay from file to "
			      "file; median (minimum)");
}
