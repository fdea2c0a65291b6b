// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares what the library's filters decide with what libpcap's interpreter and the kernel's
 * classic BPF decide, for every expression of a file, with and without libpcap's optimizer, and
 * for random programs, each on many frames. Stops at the first difference and prints all that is
 * needed to see it again: exit status 1. Needs root.
 *
 *	filter_oracle [-s SEED] [-e EVERY] [-f FRAMES] [-r PROGRAMS] [-v] FILE
 *
 * EVERY: only one expression out of so many; which ones depends on the seed.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter/filter.h"
#include "frames.h"
#include "oracle.h"
#include "programs.h"
#include "raw.h"
#include "subject.h"

#define LONGEST_LINEAR 3500 /* of a test run, on kernels of 4 KiB pages */

enum { LINEAR, COPY, RAWS };
static const enum cbpf_loads raw_loads[RAWS] = { CBPF_LOADS_LINEAR, CBPF_LOADS_COPY };

/* One classic program with all that decides by it. */
struct contest {
	const char *name; /* expression, or NULL: random */
	const struct sock_filter *program;
	size_t count;
	struct subject subject;
	int raw[RAWS];
	struct kernel_oracle kernel;
	bool asks_kernel;
};

/* What was decided on one frame; -1: not asked. */
struct verdicts {
	int pcap, kernel, subject, raw[RAWS];
};

static struct {
	__u64 seed;
	__u32 every, frames, programs, line;
	bool verbose, splits; /* can test runs split frames where asked? */
	struct random random;
	struct subject_maps *maps;
	enum cbpf_loads loads;
	unsigned long decisions, matches, by_kernel, split, long_frames, expressions, refused;
} run = { .seed = 1, .every = 1, .frames = 700, .programs = 2500 };

static void complain(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)level;
	if (data && run.verbose)
		printf("refused as it should be: %s\n", message);
	else if (!data)
		fprintf(stderr, "filter_oracle: %s\n", message);
}

static const struct log loud = { .fn = complain };
static const struct log quiet = { .fn = complain, .data = &run };

static void __attribute__((noreturn, format(printf, 2, 3)))
die(const struct contest *contest, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "filter_oracle: seed %llu: ", run.seed);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nfilter: %s\n", contest->name ? contest->name : "random program");
	for (size_t i = 0; i < contest->count && i < 400; i++)
		fprintf(stderr, "{ 0x%02x, %u, %u, 0x%08x },\n", contest->program[i].code,
			contest->program[i].jt, contest->program[i].jf, contest->program[i].k);
	exit(1);
}

static void print_frame(const struct frame *frame, __u32 linear)
{
	fprintf(stderr, "frame of %u bytes, %u linear (0: as many as fit):", frame->size, linear);
	for (__u32 i = 0; i < frame->size; i++)
		fprintf(stderr, "%s%02x", i % 32 ? " " : "\n", frame->bytes[i]);
	fprintf(stderr, "\n");
}

static bool agree(const struct verdicts *v)
{
	bool same = v->subject == v->pcap && (v->kernel < 0 || v->kernel == v->pcap);

	for (int i = 0; i < RAWS; i++)
		same = same && (v->raw[i] < 0 || v->raw[i] == v->pcap);
	return same;
}

static int checked(const struct contest *contest, const char *who, int verdict)
{
	if (verdict < 0)
		die(contest, "%s: %s", who, strerror(-verdict));
	return verdict;
}

static void decide(const struct contest *contest, const struct frame *frame, __u32 linear)
{
	struct verdicts v = { -1, -1, -1, { -1, -1 } };

	v.pcap = pcap_oracle(contest->program, contest->count, frame->bytes, frame->size);
	if (contest->asks_kernel)
		v.kernel = checked(contest, "socket",
				   kernel_oracle_ask(&contest->kernel, frame->bytes, frame->size));
	v.subject = checked(contest, "capture program",
			    subject_decide(&contest->subject, frame->bytes, frame->size, linear));
	for (int i = 0; i < RAWS && frame->size <= LONGEST_LINEAR; i++)
		v.raw[i] = checked(contest, "program alone",
				   raw_decide(contest->raw[i], frame->bytes, frame->size, 0));
	if (!agree(&v)) {
		print_frame(frame, linear);
		die(contest, "libpcap %d, kernel %d, capture program %d, linear %d, copy %d",
		    v.pcap, v.kernel, v.subject, v.raw[LINEAR], v.raw[COPY]);
	}
	run.decisions++;
	run.matches += v.pcap;
	run.by_kernel += v.kernel >= 0;
	run.split += linear != 0;
	run.long_frames += frame->size > LONGEST_LINEAR;
}

static void decide_random(const struct contest *contest)
{
	bool frags = run.loads == CBPF_LOADS_FRAGS,
	     longer = frags && !random_below(&run.random, 32);
	struct frame frame;
	__u32 linear = 0;

	frames_random(&frame, longer ? FRAME_LONGEST : LONGEST_LINEAR, &run.random);
	if (run.splits && random_below(&run.random, 2))
		linear =
			FRAME_SHORTEST + random_below(&run.random, frame.size - FRAME_SHORTEST + 1);
	if (linear > LONGEST_LINEAR)
		linear = LONGEST_LINEAR;
	decide(contest, &frame, linear);
}

static void open_contest(struct contest *contest, const struct cbpf_code *code)
{
	struct cbpf_code raw;
	struct cbpf_error error;
	int err = subject_load(&contest->subject, run.maps, code);

	if (err)
		die(contest, "the kernel refuses the capture program: %s", strerror(-err));
	for (int i = 0; i < RAWS; i++) {
		if (cbpf_translate(contest->program, contest->count, raw_loads[i], &raw, &error))
			die(contest, "%s", error.why);
		contest->raw[i] = raw_load(&raw, raw_loads[i], NULL, 0);
		if (contest->raw[i] < 0)
			die(contest, "the kernel refuses the program alone, loads %d: %s",
			    raw_loads[i], strerror(-contest->raw[i]));
		cbpf_free(&raw);
	}
	contest->asks_kernel =
		contest->asks_kernel &&
		!kernel_oracle_open(&contest->kernel, contest->program, contest->count);
}

static void close_contest(struct contest *contest)
{
	subject_unload(&contest->subject);
	for (int i = 0; i < RAWS; i++)
		close(contest->raw[i]);
	if (contest->asks_kernel)
		kernel_oracle_close(&contest->kernel);
}

static void hold(struct contest *contest, const struct cbpf_code *code, __u32 frames)
{
	open_contest(contest, code);
	for (__u32 i = 0; i < frames; i++)
		decide_random(contest);
	close_contest(contest);
}

/* The kernel takes shift counts modulo 32. */
static bool shifts_by_x(const struct sock_filter *program, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (program[i].code == (BPF_ALU | BPF_LSH | BPF_X) ||
		    program[i].code == (BPF_ALU | BPF_RSH | BPF_X))
			return true;
	}
	return false;
}

static void test_expression(const char *expression, bool optimize)
{
	struct contest contest = { .name = expression };
	struct filter filter;

	if (filter_compile(&filter, expression, optimize, 1, run.loads, &loud))
		die(&contest, "does not compile%s", optimize ? "" : " without optimizer");
	contest.program = filter.program;
	contest.count = filter.count;
	contest.asks_kernel = !shifts_by_x(filter.program, filter.count);
	hold(&contest, &filter.code, run.frames);
	filter_free(&filter);
	run.expressions++;
}

static void test_refused(const char *expression)
{
	struct contest contest = { .name = expression };
	struct filter filter;

	if (!filter_compile(&filter, expression, true, 1, run.loads, &quiet))
		die(&contest, "is not refused");
	run.refused++;
}

static void test_line(char *line)
{
	line[strcspn(line, "\n")] = '\0';
	if (!*line || *line == '#' || (run.line++ + run.seed) % run.every)
		return;
	if (*line == '!') {
		test_refused(line + 1);
	} else {
		test_expression(line, true);
		test_expression(line, false);
	}
}

static int test_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size;

	if (!file) {
		fprintf(stderr, "filter_oracle: %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (getline(&line, &size, file) >= 0)
		test_line(line);
	free(line);
	fclose(file);
	return 0;
}

/* The last host is one that frames have. */
static void test_hosts(unsigned int hosts, bool optimize)
{
	char *expression = NULL;
	size_t size;
	FILE *file = open_memstream(&expression, &size);

	for (unsigned int i = 1; i < hosts; i++)
		fprintf(file, "host 10.1.%u.%u or ", i / 250, i % 250);
	fprintf(file, "host 192.168.1.1");
	fclose(file);
	test_expression(expression, optimize);
	free(expression);
}

static void test_random(void)
{
	struct sock_filter program[PROGRAM_MAX];
	bool defined = random_below(&run.random, 4) != 0;
	struct contest contest = {
		.program = program,
		.count = program_random(program, defined, &run.random),
		.asks_kernel = defined,
	};
	struct cbpf_error error;
	struct cbpf_code code;

	if (!pcap_valid(program, contest.count))
		die(&contest, "libpcap does not think it is valid");
	if (cbpf_translate(program, contest.count, run.loads, &code, &error))
		die(&contest, "%s", error.why);
	hold(&contest, &code, run.frames / 4);
	cbpf_free(&code);
}

/* Not every kernel lets a test run say how much of the frame is linear. */
static bool can_split(void)
{
	static const struct sock_filter always = { .code = BPF_RET | BPF_K, .k = 1 };
	struct contest contest = { .name = "all", .program = &always, .count = 1 };
	struct cbpf_error error;
	struct cbpf_code code;
	__u8 frame[100] = {};
	bool can;

	if (cbpf_translate(&always, 1, run.loads, &code, &error))
		return false;
	open_contest(&contest, &code);
	can = subject_decide(&contest.subject, frame, sizeof(frame), 20) == 1;
	close_contest(&contest);
	cbpf_free(&code);
	return can;
}

static int ignore(enum libbpf_print_level level, const char *format, va_list args)
{
	return run.verbose && level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

static int options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "s:e:f:r:v")) >= 0) {
		switch (option) {
		case 's':
			run.seed = strtoull(optarg, NULL, 0);
			break;
		case 'e':
			run.every = strtoul(optarg, NULL, 0);
			break;
		case 'f':
			run.frames = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			run.programs = strtoul(optarg, NULL, 0);
			break;
		case 'v':
			run.verbose = true;
			break;
		default:
			return -EINVAL;
		}
	}
	return optind + 1 == argc && run.every ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	if (options(argc, argv)) {
		fprintf(stderr,
			"usage: %s [-s SEED] [-e EVERY] [-f FRAMES] [-r PROGRAMS] [-v] FILE\n",
			argv[0]);
		return 2;
	}
	libbpf_set_print(ignore);
	run.random = random_seed(run.seed);
	run.maps = subject_maps_new();
	if (!run.maps) {
		fprintf(stderr, "filter_oracle: cannot load the capture program: %s\n",
			strerror(errno));
		return 1;
	}
	run.loads = subject_has_frags(run.maps) ? CBPF_LOADS_FRAGS : CBPF_LOADS_LINEAR;
	run.splits = run.loads == CBPF_LOADS_FRAGS && can_split();
	if (test_file(argv[optind]))
		return 1;
	test_hosts(500 / run.every, true);
	test_hosts(200 / run.every, false);
	for (__u32 i = 0; i < run.programs; i++)
		test_random();
	subject_maps_free(run.maps);
	printf("seed %llu: %lu decisions, 0 mismatches; %lu matches, %lu also by the kernel's "
	       "classic BPF, %lu of split and %lu of long frames; %lu filters, %u random programs, "
	       "%lu refused\n",
	       run.seed, run.decisions, run.matches, run.by_kernel, run.split, run.long_frames,
	       run.expressions, run.programs, run.refused);
	return 0;
}
