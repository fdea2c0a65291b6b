// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the bench is to show, and whether it did. Targets are for a machine with two cores that
 * does nothing else; ratios hold on others, too.
 */
#include "bench.h"
#include "result.h"

enum relation { VALUE, RATIO, EXCESS };

struct place {
	const char *section, *row, *column;
};

struct target {
	const char *what;
	struct place of;
	enum relation relation;
	struct place to; /* RATIO, EXCESS */
	double limit;
	bool at_least; /* otherwise at most */
};

#define AT_MOST(number) .limit = (number)
#define AT_LEAST(number) .limit = (number), .at_least = true
#define TIMES(place) .relation = RATIO, .to = place
#define OVER(place) .relation = EXCESS, .to = place

/* clang-format off */
#define DATAPATH(row, column) { "datapath", row, column }
#define FILES(row, column) { "files", row, column }
#define READER(row) { "reader", row, "2 rings" }
#define THREADS(size, column) { "threads", size ", two threads, tmpfs", column }
#define STARTUP(column) { "startup", "hook", column }
#define RINGS_OURS "xdpdrop: one thread per ring"
#define CPUS(row, column) { "cpus", row, column }
#define HOOK_64 DATAPATH("hook", "64 B")
#define HOOK_1500 DATAPATH("hook", "1500 B")
#define FLOOR(size) DATAPATH("floor: reserve, time, copy, submit", size)
#define FIXED(size) DATAPATH("(a) fixed 1502 B, one ring, wakeups", size)
#define EACH DATAPATH("(b) perf event, wakeup each", "64 B")
#define TWO_CPUS { "scale", "hook, ring per CPU", "ratio" }
#define OURS(size) size ", pcapng, tmpfs"
#define THEIRS(size) size ", (a) pcap, tmpfs"
#define LONG_FLOOD FILES("64 B, pcapng, tmpfs, 10 s, over an old file", "lost %")
#define REPLAY_DROPPED "64 B, all dropped and written, with reasons"
#define REPLAY(row, column) { "replay", row, column }
#define DD FILES("dd of zeroes, tmpfs", "file MB/s")
#define DISK(row, column) { "disk", row, column }
#define DISK_TARGETS(size, ns)                                                                     \
	{ size ", disk: part of dd's MB/s", DISK(size ", pcapng", "part of dd"), AT_LEAST(0.85) }, \
	{ size ", disk: CPU ns/frame", DISK(size ", pcapng", "CPU ns/frame"), AT_MOST(ns) }

#define FILE_TARGETS(size, rate, ns)                                                               \
	{ OURS(size) ": written M/s", FILES(OURS(size), "written M/s"), AT_LEAST(rate) },          \
	{ OURS(size) ": written, times (a)", FILES(OURS(size), "written M/s"),                     \
	  TIMES(FILES(THEIRS(size), "written M/s")), AT_LEAST(1.3) },                              \
	{ OURS(size) ": part of dd's MB/s", FILES(OURS(size), "file MB/s"), TIMES(DD),             \
	  AT_LEAST(0.85) },                                                                        \
	{ OURS(size) ": drop rate, times (a)", FILES(OURS(size), "dropped M/s"),                   \
	  TIMES(FILES(THEIRS(size), "dropped M/s")), AT_LEAST(2) },                                \
	{ OURS(size) ": reader ns/frame", FILES(OURS(size), "reader ns/frame"), AT_MOST(ns) }

static const struct target targets[] = {
	{ "hook, 64 B: ns over bare drop", HOOK_64, AT_MOST(85) },
	{ "hook, 64 B: part of (a)", HOOK_64, TIMES(FIXED("64 B")), AT_MOST(1 / 4.5) },
	{ "hook, 64 B: part of (b)", HOOK_64, TIMES(EACH), AT_MOST(1 / 50.0) },
	{ "hook, 64 B: times the floor", HOOK_64, TIMES(FLOOR("64 B")), AT_MOST(1.25) },
	{ "hook, 512 B: times the floor", DATAPATH("hook", "512 B"), TIMES(FLOOR("512 B")),
	  AT_MOST(1.25) },
	{ "hook, 1500 B: times the floor", HOOK_1500, TIMES(FLOOR("1500 B")), AT_MOST(1.25) },
	{ "hook, 1500 B: ns over bare drop", HOOK_1500, AT_MOST(150) },
	{ "hook, 1500 B: part of (a)", HOOK_1500, TIMES(FIXED("1500 B")), AT_MOST(1 / 5.0) },
	{ "wrap, 64 B: ns over hook", DATAPATH("wrap", "64 B"), OVER(HOOK_64), AT_MOST(12) },
	{ "hook, nobody captures: ns", DATAPATH("hook, nobody captures", "64 B"), AT_MOST(2) },
	{ "hook with a rule, nobody captures: ns over hook",
	  DATAPATH("hook with a rule, nobody captures", "64 B"),
	  OVER(DATAPATH("hook, nobody captures", "64 B")), AT_MOST(1) },
	{ "tag, untagged frame: ns", DATAPATH("tag, untagged frame", "64 B"), AT_MOST(6) },
	{ "wrap, frame passes: ns", DATAPATH("wrap, frame passes", "64 B"), AT_MOST(12) },
	{ "hook, filter misses: ns", DATAPATH("hook, filter misses", "64 B"), AT_MOST(25) },
	{ "hook, count only: ns", DATAPATH("hook, count only", "64 B"), AT_MOST(12) },
	{ "two CPUs: times the cost on one", TWO_CPUS, AT_MOST(1.25) },
	{ "full flood of 10 s, 64 B pcapng, tmpfs: lost %", LONG_FLOOD, AT_MOST(0) },
	FILE_TARGETS("64 B", 4, 120),
	FILE_TARGETS("512 B", 1.5, 350),
	FILE_TARGETS("1500 B", 0.8, 900),
	{ "reader, 64 B, tmpfs: ns", READER("64 B, pcapng to tmpfs"), AT_MOST(100) },
	{ "reader, 1500 B, tmpfs: ns", READER("1500 B, pcapng to tmpfs"), AT_MOST(900) },
	{ "reader, 64 B, /dev/null: ns", READER("64 B, pcapng to /dev/null"), AT_MOST(30) },
	{ "reader, 64 B, history: times /dev/null", READER("64 B, into a history: times /dev/null"),
	  AT_MOST(1.1) },
	DISK_TARGETS("512 B", 130),
	DISK_TARGETS("1500 B", 250),
	{ "reader, 64 B, two threads: times one", THREADS("64 B", "2 threads, times 1"),
	  AT_LEAST(1.8) },
	{ "two loops that copy and write, 64 B: times one", THREADS("64 B", "2 loops, times 1"),
	  AT_LEAST(1.8) },
	{ "reader, 64 B, two threads: part of two loops",
	  THREADS("64 B", "2 threads, times 1"), TIMES(THREADS("64 B", "2 loops, times 1")),
	  AT_LEAST(0.9) },
	{ "resident memory without rings, MiB", STARTUP("resident MiB"), AT_MOST(16) },
	{ "exec to listening, ms", STARTUP("ms to listening"), AT_MOST(100) },
	{ "128 CPUs, rings in use: ms", CPUS(RINGS_OURS, "128 CPUs"), AT_MOST(150) },
	{ "128 CPUs, rings in use: part of one by one", CPUS(RINGS_OURS, "128 CPUs"),
	  TIMES(CPUS("one update after the other", "128 CPUs")), AT_MOST(0.1) },
	{ "replay, 64 B, all pass: part of a loop", REPLAY("64 B, all pass", "replay M/s"),
	  TIMES(REPLAY("64 B, all pass", "loop M/s")), AT_LEAST(0.8) },
	{ "replay, 64 B, all dropped: part of a loop", REPLAY(REPLAY_DROPPED, "replay M/s"),
	  TIMES(REPLAY(REPLAY_DROPPED, "loop M/s")), AT_LEAST(0.8) },
	{ "replay, 64 B, two jobs: times one", REPLAY("64 B, all pass", "2 jobs M/s"),
	  TIMES(REPLAY("64 B, all pass", "replay M/s")), AT_LEAST(1.8) },
	{ "two loops of test runs, 64 B: times one", REPLAY("64 B, all pass", "2 loops M/s"),
	  TIMES(REPLAY("64 B, all pass", "loop M/s")), AT_LEAST(1.8) },
	{ "replay, 64 B, two jobs: part of two loops", REPLAY("64 B, all pass", "2 jobs M/s"),
	  TIMES(REPLAY("64 B, all pass", "2 loops M/s")), AT_LEAST(0.8) },
};
/* clang-format on */
#define TARGETS (sizeof(targets) / sizeof(*targets))

static bool read_place(const struct place *place, double *value)
{
	return result_get(place->section, place->row, place->column, value);
}

/* false: not measured. */
static bool evaluate(const struct target *target, double *value)
{
	double other;

	if (!read_place(&target->of, value))
		return false;
	if (target->relation == VALUE)
		return true;
	if (!read_place(&target->to, &other) || (target->relation == RATIO && !other))
		return false;
	*value = target->relation == RATIO ? *value / other : *value - other;
	return true;
}

static bool is_met(const struct target *target, double value)
{
	return target->at_least ? value >= target->limit : value <= target->limit;
}

void targets_print(void)
{
	printf("\n%-48s %12s %12s\n", "Target, by medians", "limit", "measured");
	for (size_t i = 0; i < TARGETS; i++) {
		const struct target *target = &targets[i];
		double value;

		printf("%-48s %s %9.4g", target->what,
		       target->at_least ? ">=" : "<=", target->limit);
		if (evaluate(target, &value))
			printf(" %12.4g  %s\n", value, is_met(target, value) ? "met" : "MISSED");
		else
			printf(" %12s\n", "not measured");
	}
}

void targets_json(FILE *file)
{
	for (size_t i = 0; i < TARGETS; i++) {
		const struct target *target = &targets[i];
		double value;

		fputs(i ? ",\n    {\"what\": " : "    {\"what\": ", file);
		result_json_string(file, target->what);
		fprintf(file, ", \"%s\": %.4f", target->at_least ? "at_least" : "at_most",
			target->limit);
		if (evaluate(target, &value))
			fprintf(file, ", \"measured\": %.4f, \"met\": %s", value,
				is_met(target, value) ? "true" : "false");
		fputc('}', file);
	}
	fputc('\n', file);
}
