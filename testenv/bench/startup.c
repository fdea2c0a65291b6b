// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tool itself takes: time until it listens, and memory.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

#include "bench.h"
#include "bpf/capture_rings.h"
#include "constants.h"
#include "program.h"
#include "result.h"
#include "sandbox.h"
#include "tool.h"

#define SECTION "startup"
#define IFNAME "start0"
#define MANY "many0"
#define ROUNDS 15
#define QUICK_ROUNDS 3
#define HOSTS 100

static char hosts[HOSTS * 32];

static const struct row {
	const char *name;
	const char *tap;
	const char *filter;
	const char *ifname;
} rows[] = {
	{ "hook", "hook", NULL, IFNAME },
	{ "wrap", "wrap", NULL, IFNAME },
	{ "hook, filter of 100 hosts", "hook", hosts, IFNAME },
	{ "wrap, filter of 100 hosts", "wrap", hosts, IFNAME },
	{ "64 hooks", "hook", NULL, MANY },
	{ "64 hooks, filter of 100 hosts", "hook", hosts, MANY },
};

/* A program that tail-calls one of many, each with a hook of its own. */
struct tree {
	struct program root, branch[BENCH_BRANCHES];
};

static void write_hosts(void)
{
	size_t used = 0;

	for (int i = 0; i < HOSTS; i++)
		used += snprintf(hosts + used, sizeof(hosts) - used, "%shost 198.51.100.%d",
				 i ? " or " : "", i + 1);
}

/* KiB that are resident and not part of a ring. */
static double process_kib(pid_t pid)
{
	char path[40], line[512];
	bool ring = false;
	double sum = 0, kib;
	unsigned long end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		/* a mapping's first line: addresses, ..., name */
		if (sscanf(line, "%*x-%lx ", &end) == 1)
			ring = strstr(line, "bpf-map");
		if (sscanf(line, "Rss: %lf kB", &kib) == 1 && !ring)
			sum += kib;
	}
	if (file)
		fclose(file);
	return sum;
}

/* Of all its processes; what they share counts in each. */
static double resident_kib(const struct tool *tool)
{
	pid_t pids[TOOL_MAX_PROCESSES];
	int count = tool_processes(tool, pids, TOOL_MAX_PROCESSES);
	double sum = 0;

	for (int i = 0; i < count; i++)
		sum += process_kib(pids[i]);
	return sum;
}

/* What rings take by default, on machines of all sizes. */
static void report_rings(void)
{
	char row[32];

	for (unsigned int cpus = 1; cpus <= 256; cpus *= 2) {
		double mib = capture_rings_default_size(cpus) / MIB;

		snprintf(row, sizeof(row), "rings, %u CPUs online", cpus);
		result_set(SECTION, row, "MiB each", mib, mib);
		result_set(SECTION, row, "rings MiB", cpus * mib, cpus * mib);
	}
}

/* "N CPUs, rings of M KiB" */
static double rings_mib(const char *text)
{
	const char *at = strstr(text, " CPUs, rings of ");
	unsigned int cpus = 0;
	double kib = 0;

	while (at && at > text && at[-1] != ' ')
		at--;
	if (at)
		sscanf(at, "%u CPUs, rings of %lf KiB", &cpus, &kib);
	return cpus * kib / 1024;
}

static void load(struct program *program, const char *name)
{
	const struct program_opts opts = { .name = name };
	char why[160];

	if (program_load(program, &opts, why, sizeof(why)))
		die("%s", why);
}

static void tree_load(struct tree *tree)
{
	int table;

	load(&tree->root, "branching");
	table = program_map(&tree->root, "branches");
	for (__u32 i = 0; i < BENCH_BRANCHES; i++) {
		load(&tree->branch[i], "hooked");
		if (bpf_map_update_elem(table, &i, &tree->branch[i].fd, BPF_ANY))
			die("cannot enter program %u into a table: %s", i, strerror(errno));
	}
}

static void tree_unload(struct tree *tree)
{
	for (__u32 i = 0; i < BENCH_BRANCHES; i++)
		program_unload(&tree->branch[i]);
	program_unload(&tree->root);
}

/* With -v the tool prints the rings, but loads programs one after the other. */
static bool measure_memory(const struct row *row, char *why, size_t size)
{
	const char *const args[] = { "-v",	  "-t",	       row->tap, row->ifname,
				     "/dev/null", row->filter, NULL };
	struct tool_totals totals;
	double rings, memory;
	struct tool tool;

	if (!tool_start(&tool, args, -1, why, size))
		return false;
	memory = resident_kib(&tool) / 1024;
	rings = rings_mib(tool.child.text);
	tool_stop(&tool, &totals);
	result_set(SECTION, row->name, "resident MiB", memory, memory);
	result_set(SECTION, row->name, "rings MiB", rings, rings);
	return true;
}

static bool measure_time(const struct row *row, struct samples *ms, struct samples *end, char *why,
			 size_t size)
{
	const char *const args[] = { "-t", row->tap, row->ifname, "/dev/null", row->filter, NULL };
	double start = bench_now();
	struct tool_totals totals;
	struct tool tool;

	if (!tool_start(&tool, args, -1, why, size))
		return false;
	samples_add(ms, (bench_now() - start) * 1e3);
	start = bench_now();
	tool_stop(&tool, &totals);
	samples_add(end, (bench_now() - start) * 1e3);
	return true;
}

static void measure_row(const struct row *row)
{
	struct samples ms = { 0 }, end = { 0 };
	long rounds = bench_rounds(ROUNDS, QUICK_ROUNDS);
	char why[160];

	if (measure_memory(row, why, sizeof(why)))
		while (rounds > 0 && measure_time(row, &ms, &end, why, sizeof(why)))
			rounds--;
	if (rounds) {
		result_not_run(SECTION, row->name, why);
		return;
	}
	result_samples(SECTION, row->name, "ms to listening", &ms);
	result_samples(SECTION, row->name, "ms to end", &end);
}

void section_startup(void)
{
	__u32 one = sandbox_veth(IFNAME, "start1"), many = sandbox_veth(MANY, "many1");
	struct program program = { 0 };
	struct tree tree = { 0 };

	load(&program, "hooked");
	program_attach(&program, one);
	tree_load(&tree);
	program_attach(&tree.root, many);
	write_hosts();
	/* as a user starts it */
	bench.tool_cpu = BENCH_BOTH_CPUS;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure_row(&rows[i]);
	bench.tool_cpu = bench.reader_cpu;
	program_detach(many);
	tree_unload(&tree);
	program_detach(one);
	program_unload(&program);
	report_rings();
	result_print(SECTION, "Start: exec to \"listening on\", SIGINT to exit, median (minimum); "
			      "memory without the rings");
}
