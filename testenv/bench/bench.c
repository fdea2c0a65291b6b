// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bench from the command line to the last table: options, the machine, the sections in turn.
 */
#include "bench.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "result.h"
#include "sandbox.h"

struct bench bench;

static const struct {
	const char *name;
	void (*run)(void);
} sections[] = {
	{ "datapath", section_datapath }, { "files", section_files },
	{ "scale", section_scale },	  { "reader", section_reader },
	{ "disk", section_disk },	  { "startup", section_startup },
	{ "cpus", section_cpus },	  { "replay", section_replay },
};
#define SECTIONS (sizeof(sections) / sizeof(*sections))

static struct {
	char cpu[80];
	int cpus;
	struct utsname system;
} machine;

char *bench_path(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", bench.build, name) < 0)
		die("out of memory");
	return path;
}

void bench_use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu == BENCH_BOTH_CPUS ? bench.work_cpu : cpu, &set);
	CPU_SET(cpu == BENCH_BOTH_CPUS ? bench.reader_cpu : cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("CPU %d: %s", cpu, strerror(errno));
}

double bench_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

int bench_file(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		die("cannot make a file in %s: %s", directory, strerror(errno));
	return fd;
}

static void find_build(void)
{
	ssize_t length = readlink("/proc/self/exe", bench.build, sizeof(bench.build) - 1);

	/* the program is bench/bench there */
	for (int i = 0; length > 0 && i < 2; i++) {
		char *slash = strrchr(bench.build, '/');

		if (slash)
			*slash = '\0';
	}
}

static void find_cpus(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		die("CPUs: %s", strerror(errno));
	machine.cpus = CPU_COUNT(&set);
	while (!CPU_ISSET(bench.work_cpu, &set))
		bench.work_cpu++;
	bench.reader_cpu = bench.work_cpu;
	for (int cpu = bench.work_cpu + 1; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set)) {
			bench.reader_cpu = cpu;
			break;
		}
	bench.tool_cpu = bench.reader_cpu;
}

static void read_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	uname(&machine.system);
	strcpy(machine.cpu, machine.system.machine);
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "model name : %79[^\n]", machine.cpu) == 1)
			break;
	if (file)
		fclose(file);
}

static void print_machine(void)
{
	printf("%s, %d CPUs, Linux %s, libbpf %s, xdpdrop %s, built with %s\n", machine.cpu,
	       machine.cpus, machine.system.release, libbpf_version_string(), XDPDROP_VERSION,
	       __VERSION__);
	if (bench.work_cpu == bench.reader_cpu)
		puts("One CPU only: programs and readers share it, and most figures mean little.");
	if (bench.quick)
		puts("Quick: few and short rounds, good enough to see that everything works.");
	fflush(stdout);
}

static void write_json(FILE *file)
{
	fputs("{\n  \"cpu\": ", file);
	result_json_string(file, machine.cpu);
	fprintf(file, ",\n  \"cpus\": %d,\n  \"kernel\": ", machine.cpus);
	result_json_string(file, machine.system.release);
	fprintf(file,
		",\n  \"libbpf\": \"%s\",\n  \"xdpdrop\": \"%s\",\n  \"compiler\": \"%s\","
		"\n  \"quick\": %s,\n  \"results\": [\n",
		libbpf_version_string(), XDPDROP_VERSION, __VERSION__,
		bench.quick ? "true" : "false");
	result_json(file);
	fputs("  ],\n  \"targets\": [\n", file);
	targets_json(file);
	fputs("  ]\n}\n", file);
	if (fclose(file))
		die("JSON file: %s", strerror(errno));
}

static void help(void)
{
	puts("Usage: bench [options]\n\n"
	     "  -j, --json FILE     also write everything there\n"
	     "  -q, --quick         short rounds, about half a minute\n"
	     "  -o, --only SECTION  datapath, files, scale, reader, disk, startup, cpus or replay");
}

static const struct option long_options[] = {
	{ "json", 1, NULL, 'j' },
	{ "quick", 0, NULL, 'q' },
	{ "only", 1, NULL, 'o' },
	{ "help", 0, NULL, 'h' },
	{ 0 },
};

/* Returns the index of the only section to run, -1: all. */
static int section_index(const char *name)
{
	const char *names[SECTIONS];

	for (size_t i = 0; i < SECTIONS; i++)
		names[i] = sections[i].name;
	return word(name, names, SECTIONS);
}

int main(int argc, char **argv)
{
	int option, only = -1;
	FILE *json = NULL;

	while ((option = getopt_long(argc, argv, "j:qo:h", long_options, NULL)) != -1) {
		if (option == 'j' && !(json = fopen(optarg, "we")))
			die("%s: %s", optarg, strerror(errno));
		else if (option == 'q')
			bench.quick = true;
		else if (option == 'o')
			only = section_index(optarg);
		else if (option == 'h')
			return help(), 0;
		else if (option == '?')
			return 2;
	}
	find_build();
	find_cpus();
	read_machine();
	print_machine();
	sandbox_enter();
	bench_use_cpu(bench.work_cpu);
	for (size_t i = 0; i < SECTIONS; i++)
		if (only < 0 || only == (int)i)
			sections[i].run();
	targets_print();
	if (json)
		write_json(json);
	return 0;
}
