// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tool itself takes: time until it listens, and memory.
 */
#include <unistd.h>

#include "bench.h"
#include "bpf/capture_rings.h"
#include "program.h"
#include "result.h"
#include "sandbox.h"
#include "tool.h"

#define SECTION "startup"
#define IFNAME "start0"
#define ROUNDS 15
#define QUICK_ROUNDS 3
#define HOSTS 100

static char hosts[HOSTS * 32];

static const struct row {
	const char *name;
	const char *tap;
	const char *filter;
} rows[] = {
	{ "hook", "hook", NULL },
	{ "wrap", "wrap", NULL },
	{ "hook, filter of 100 hosts", "hook", hosts },
	{ "wrap, filter of 100 hosts", "wrap", hosts },
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

static bool measure(const struct row *row, struct samples *ms, char *why, size_t size)
{
	const char *const args[] = { "-v", "-t", row->tap, IFNAME, "/dev/null", row->filter, NULL };
	double start = bench_now(), rings, memory;
	struct tool_totals totals;
	struct tool tool;

	if (!tool_start(&tool, args, -1, why, size))
		return false;
	samples_add(ms, (bench_now() - start) * 1e3);
	memory = resident_kib(&tool) / 1024;
	rings = rings_mib(tool.child.text);
	tool_stop(&tool, &totals);
	if (ms->count > 1)
		return true;
	result_set(SECTION, row->name, "resident MiB", memory, memory);
	result_set(SECTION, row->name, "rings MiB", rings, rings);
	return true;
}

void section_startup(void)
{
	const struct program_opts opts = { .name = "hooked" };
	__u32 ifindex = sandbox_veth(IFNAME, "start1");
	struct program program = { 0 };
	char why[160];

	if (program_load(&program, &opts, why, sizeof(why)))
		die("%s", why);
	program_attach(&program, ifindex);
	write_hosts();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct samples ms = { 0 };
		long rounds = bench_rounds(ROUNDS, QUICK_ROUNDS);

		while (rounds > 0 && measure(&rows[i], &ms, why, sizeof(why)))
			rounds--;
		if (rounds)
			result_not_run(SECTION, rows[i].name, why);
		else
			result_samples(SECTION, rows[i].name, "ms to listening", &ms);
	}
	program_detach(ifindex);
	program_unload(&program);
	report_rings();
	result_print(SECTION, "Start: exec to \"listening on\", median (minimum); resident memory "
			      "without the rings");
}
