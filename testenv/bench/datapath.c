// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a dropped frame costs the program that drops it: test runs on one CPU while the reader
 * drains on the other. Everything is set up first, then measured in turn, forwards in one round
 * and backwards in the next, so that whatever else happens on the machine meets all alike.
 */
#include <unistd.h>

#include "bench.h"
#include "datapath.h"
#include "floor.h"
#include "result.h"

#define ROUNDS 15
#define QUICK_ROUNDS 3
/* Repetitions of what emits nothing: the set-up of the call must not count. */
#define CHEAP_REPEAT 1000000
#define QUICK_CHEAP_REPEAT 200000
/* What one run may put into a ring, so that it loses nothing even while the reader sleeps. */
#define RUN_BYTES (4 * 1024 * 1024)
#define MAX_REPEAT 20000
#define LEASE_SECONDS 6 /* a capture that has been stopped for this long is disarmed */

static const __u32 sizes[DATAPATH_SIZES] = { 64, 128, 512, 1500, 9000 };
static const char *const size_names[DATAPATH_SIZES] = { "64 B", "128 B", "512 B", "1500 B",
							"9000 B" };

/* Bytes that a frame takes in the ring of @row, at most. */
static __u32 ring_bytes(const struct datapath_row *row, __u32 size)
{
	__u32 record = size * 2 + 64; /* records have sizes in steps */

	return row->record_bytes > record ? row->record_bytes : record;
}

static __u32 repeat(const struct datapath_row *row, __u32 size)
{
	__u32 most = RUN_BYTES / ring_bytes(row, size);
	__u32 limit = row->max_repeat ? row->max_repeat : MAX_REPEAT;

	if (!row->emits)
		return bench_rounds(CHEAP_REPEAT, QUICK_CHEAP_REPEAT);
	return most < limit ? most : limit;
}

static double measure(struct datapath_row *row, int size)
{
	struct program_run run = {
		.fd = row->fd[size],
		.ifindex = row->ifindex,
		.size = sizes[size],
		.tagged = row->tagged,
		.repeat = repeat(row, sizes[size]),
	};

	row->runs += run.repeat;
	return row->emits ? program_ns(&run) : program_cpu_ns(&run);
}

static void measure_row(struct datapath_row *row, int size)
{
	double ns;

	if (!row->running || (!row->pieces && sizes[size] > MAX_LINEAR))
		return;
	ns = measure(row, size);
	if (ns >= 0)
		samples_add(&row->samples[size], ns);
}

static void measure_round(struct datapath_row *rows, int count, int size, bool backwards)
{
	for (int i = 0; i < count; i++)
		measure_row(&rows[backwards ? count - 1 - i : i], size);
}

static void report_row(const struct datapath_row *row, const struct datapath_row *bare)
{
	for (int size = 0; size < DATAPATH_SIZES; size++) {
		const struct samples *own = &row->samples[size], *base = &bare->samples[size];

		if (!own->count || !base->count)
			continue;
		if (row == bare)
			result_samples("datapath", row->name, size_names[size], own);
		else
			result_set("datapath", row->name, size_names[size],
				   samples_median(own) - samples_median(base),
				   samples_min(own) - samples_min(base));
	}
	if (row->emits && row->runs)
		result_set("datapath", row->name, "lost %", 100.0 * row->lost / row->runs,
			   100.0 * row->lost / row->runs);
}

static void wait_for_leases(const struct datapath_row *rows, int count)
{
	for (int i = 0; i < count; i++)
		if (rows[i].running && rows[i].orphan) {
			sleep(LEASE_SECONDS);
			return;
		}
}

void section_datapath(void)
{
	long rounds = bench_rounds(ROUNDS, QUICK_ROUNDS);
	struct datapath_row *rows;
	int count = datapath_rows(&rows);

	for (int i = 0; i < count; i++)
		datapath_start(&rows[i], sizes);
	for (int i = 0; i < count; i++)
		if (rows[i].running && rows[i].per_size)
			floor_choose(&rows[i], sizes);
	wait_for_leases(rows, count);
	for (int size = 0; size < DATAPATH_SIZES; size++)
		for (long round = 0; round < rounds; round++)
			measure_round(rows, count, size, round & 1);
	for (int i = 0; i < count; i++) {
		datapath_stop(&rows[i]);
		if (rows[i].running)
			report_row(&rows[i], &rows[0]);
		else
			result_not_run("datapath", rows[i].name, rows[i].why);
	}
	result_print("datapath", "Datapath, one CPU, reader on the other: ns per frame over the "
				 "bare drop (that row: in all); median (minimum)");
}
