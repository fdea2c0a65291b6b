// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two CPUs that drop at once, compared with one: test runs short enough to end before a reader
 * must step in, as there may be no third CPU for it.
 */
#include <pthread.h>
#include <unistd.h>

#include "bench.h"
#include "peer.h"
#include "program.h"
#include "result.h"
#include "sandbox.h"
#include "tool.h"

#define SECTION "scale"
#define IFNAME "scale0"
#define PIN SANDBOX_BPFFS "/bench_scale"
#define ROUNDS 41
#define QUICK_ROUNDS 7
#define SIZE 64
#define REPEAT 8000
#define ONE "one CPU"
#define TWO "two CPUs, each"

static const struct row {
	const char *name;
	const char *program;
	enum peer_kind reader;
	bool bare, tool;
} rows[] = {
	{ "bare drop", "bare", 0, true, false },
	{ "hook, ring per CPU", "hooked", 0, false, true },
	{ "floor, ring per CPU", "least_percpu", PEER_PLAIN_EACH, false, false },
	{ "floor, one shared ring", "least", PEER_PLAIN, false, false },
	{ "(a) fixed 1502 B, one shared ring", "fixed", PEER_RING, false, false },
	{ "(d) fixed 1502 B, ring per CPU", "fixed_percpu", PEER_RINGS, false, false },
};
#define ROWS (int)(sizeof(rows) / sizeof(*rows))

static struct figures {
	struct samples one, two;
} figures[ROWS];

struct runner {
	pthread_t thread;
	pthread_barrier_t *barrier;
	int cpu;
	int fd;
	double ns;
};

static void *run(void *data)
{
	struct runner *runner = data;
	struct program_run run = { .fd = runner->fd, .size = SIZE, .repeat = REPEAT };

	bench_use_cpu(runner->cpu);
	pthread_barrier_wait(runner->barrier);
	runner->ns = program_ns(&run);
	return NULL;
}

/* Mean cost on @cpus CPUs that start together. */
static double run_on(int cpus, int fd)
{
	struct runner runners[2] = { { .cpu = bench.work_cpu }, { .cpu = bench.reader_cpu } };
	pthread_barrier_t barrier;
	double sum = 0;

	pthread_barrier_init(&barrier, NULL, cpus);
	for (int i = 0; i < cpus; i++) {
		runners[i].fd = fd;
		runners[i].barrier = &barrier;
		if (pthread_create(&runners[i].thread, NULL, run, &runners[i]))
			die("cannot start a thread");
	}
	for (int i = 0; i < cpus; i++) {
		pthread_join(runners[i].thread, NULL);
		sum += runners[i].ns;
	}
	pthread_barrier_destroy(&barrier);
	return sum / cpus;
}

/* A pause lets the reader catch up. */
static void measure(int fd, struct figures *to)
{
	long rounds = bench_rounds(ROUNDS, QUICK_ROUNDS);

	for (long round = 0; round < rounds; round++) {
		int cpus = 1 + (round & 1);

		for (int i = 0; i < 2; i++, cpus = 3 - cpus) {
			samples_add(cpus == 1 ? &to->one : &to->two, run_on(cpus, fd));
			usleep(25000);
		}
	}
}

static bool measure_tool(const struct program *program, struct figures *to, char *why, size_t size)
{
	static const char *const args[] = { "--hook", PIN, "lo", "/dev/null", NULL };
	struct tool_totals totals;
	struct tool tool;
	bool started;

	program_pin(program, "bench_hook", PIN);
	started = tool_start(&tool, args, -1, why, size);
	unlink(PIN);
	if (!started)
		return false;
	measure(program->fd, to);
	tool_stop(&tool, &totals);
	return true;
}

static bool measure_peer(const struct row *row, const struct program *program, struct figures *to,
			 char *why, size_t size)
{
	struct peer peer = { .kind = row->reader, .program = program, .out = -1 };

	if (!peer_start(&peer, why, size))
		return false;
	measure(program->fd, to);
	peer_stop(&peer);
	return true;
}

/* Attached, so that the kernel's XDP dispatcher knows the program and runs start at once. */
static bool measure_row(const struct row *row, struct figures *to, __u32 ifindex, char *why,
			size_t size)
{
	const struct program_opts opts = { .name = row->program, .frame_bytes = SIZE };
	struct program program = { 0 };
	bool done = true;

	if (program_load(&program, &opts, why, size))
		return false;
	program_attach(&program, ifindex);
	if (row->tool)
		done = measure_tool(&program, to, why, size);
	else if (row->bare)
		measure(program.fd, to);
	else
		done = measure_peer(row, &program, to, why, size);
	program_detach(ifindex);
	program_unload(&program);
	return done;
}

static void report(const char *name, const struct figures *own)
{
	const struct figures *bare = &figures[0];
	double one = samples_median(&own->one) - samples_median(&bare->one);
	double two = samples_median(&own->two) - samples_median(&bare->two);

	if (own == bare)
		return;
	result_set(SECTION, name, ONE, one, samples_min(&own->one) - samples_min(&bare->one));
	result_set(SECTION, name, TWO, two, samples_min(&own->two) - samples_min(&bare->two));
	result_set(SECTION, name, "ratio", two / one, two / one);
}

void section_scale(void)
{
	__u32 ifindex;
	char why[160];

	if (bench.work_cpu == bench.reader_cpu) {
		result_not_run(SECTION, "two CPUs", "there is only one");
		result_print(SECTION, "Two CPUs at once");
		return;
	}
	ifindex = sandbox_veth(IFNAME, "scale1");
	for (int i = 0; i < ROWS; i++) {
		if (measure_row(&rows[i], &figures[i], ifindex, why, sizeof(why)))
			report(rows[i].name, &figures[i]);
		else
			result_not_run(SECTION, rows[i].name, why);
	}
	result_print(SECTION, "Two CPUs at once, 64 B: ns per frame and CPU over the bare drop; "
			      "median (minimum)");
}
