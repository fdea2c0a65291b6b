// SPDX-License-Identifier: GPL-2.0-only
/*
 * A floor that is not the best known way on this machine would flatter what is compared with it.
 */
#include "floor.h"

#include "bench.h"
#include "constants.h"

#define ROUNDS 15
#define QUICK_ROUNDS 7
#define RUN_BYTES (4 * 1024 * 1024)
#define MAX_REPEAT 20000

static const char *const names[BENCH_COPIES] = {
	[BENCH_COPY_BLOCKS] = "blocks of 64 B",
	[BENCH_COPY_LOAD_BYTES] = "bpf_xdp_load_bytes()",
	[BENCH_COPY_PROBE_READ] = "bpf_probe_read_kernel()",
};

/* One program for each way; the row's own one is the first. */
static void load_ways(const struct datapath_row *row, struct program *ways, __u32 size)
{
	struct program_opts opts = { .name = row->program,
				     .pieces = row->pieces,
				     .frame_bytes = size,
				     .rings_of = row->programs[0].object };
	char why[160];

	for (opts.copy = 1; opts.copy < BENCH_COPIES; opts.copy++)
		/* kernels before 5.18 have no bpf_xdp_load_bytes() */
		if (program_load(&ways[opts.copy], &opts, why, sizeof(why)))
			ways[opts.copy].object = NULL;
}

static void measure(const struct program *ways, struct samples *samples, __u32 size)
{
	struct program_run run = { .size = size, .repeat = RUN_BYTES / (size + 64) };

	if (run.repeat > MAX_REPEAT)
		run.repeat = MAX_REPEAT;
	for (long round = bench_rounds(ROUNDS, QUICK_ROUNDS); round > 0; round--)
		for (int way = 0; way < BENCH_COPIES; way++) {
			double ns;

			run.fd = ways[way].fd;
			ns = ways[way].object ? program_ns(&run) : -1;
			if (ns >= 0)
				samples_add(&samples[way], ns);
		}
}

static int fastest(const struct samples *samples)
{
	int best = 0;

	for (int way = 1; way < BENCH_COPIES; way++)
		if (samples[way].count && samples_min(&samples[way]) < samples_min(&samples[best]))
			best = way;
	return best;
}

static void print_way(__u32 size, const struct samples *samples, int best)
{
	printf("Floor at %u B by %s:", size, names[best]);
	for (int way = 0; way < BENCH_COPIES; way++)
		if (samples[way].count)
			printf(" %s %.0f", names[way], samples_min(&samples[way]));
	puts(" ns (minima, of the whole run)");
}

void floor_choose(struct datapath_row *row, const __u32 *sizes)
{
	/* the first one's object has the rings, so that all stay loaded */
	static struct program ways[DATAPATH_SIZES][BENCH_COPIES];

	for (int i = 0; i < DATAPATH_SIZES && sizes[i] <= MAX_LINEAR; i++) {
		struct samples samples[BENCH_COPIES] = { 0 };
		int best;

		ways[i][0] = row->programs[i];
		load_ways(row, ways[i], sizes[i]);
		measure(ways[i], samples, sizes[i]);
		best = fastest(samples);
		row->programs[i] = ways[i][best];
		row->fd[i] = row->programs[i].fd;
		print_way(sizes[i], samples, best);
	}
}
