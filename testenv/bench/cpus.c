// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a start takes on machines with many CPUs: until programs use a ring for each of them. No
 * such machine is needed, only as many entries in the map of rings.
 */
#include <bpf/bpf.h>
#include <unistd.h>

#include "bench.h"
#include "bpf/capture_rings.h"
#include "result.h"

#define SECTION "cpus"
#define ROUNDS 5
#define QUICK_ROUNDS 1
#define MAX_CPUS 384
/* One after the other takes seconds for more. */
#define SERIAL_CPUS 128
#define RING_BYTES_LEAST 4096

static const unsigned int counts[] = { 2, 64, 128, MAX_CPUS };

struct rings_table {
	struct capture_maps maps;
	int fd[MAX_CPUS];
	bool used[MAX_CPUS];
};

static int create_ring(size_t size)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bench_ring", 0, 0, size, NULL);

	if (fd < 0)
		die("ring buffer: %s", strerror(errno));
	return fd;
}

static int keep_ring(void *data, __u32 cpu, int fd, size_t size)
{
	(void)data, (void)cpu, (void)fd, (void)size;
	return 0;
}

static void table_create(struct rings_table *table, unsigned int cpus)
{
	int inner = create_ring(RING_BYTES_LEAST);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner);

	*table = (struct rings_table){ .maps = { .cpus = cpus,
						 .ring_size = RING_BYTES_LEAST,
						 .ring_fds = table->fd,
						 .ring_used = table->used,
						 .ring_made = keep_ring } };
	table->maps.rings_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "bench_rings",
					      sizeof(__u32), sizeof(__u32), cpus, &opts);
	if (table->maps.rings_fd < 0)
		die("map of ring buffers: %s", strerror(errno));
	close(inner);
	memset(table->fd, -1, sizeof(table->fd));
}

static void table_close(struct rings_table *table)
{
	for (unsigned int cpu = 0; cpu < table->maps.cpus; cpu++)
		if (table->fd[cpu] >= 0)
			close(table->fd[cpu]);
	close(table->maps.rings_fd);
}

static bool fill_ours(struct rings_table *table)
{
	bool online[MAX_CPUS];

	memset(online, true, sizeof(online));
	return capture_rings_add_missing(&table->maps, online) == (int)table->maps.cpus;
}

static void create_all(struct rings_table *table)
{
	for (__u32 cpu = 0; cpu < table->maps.cpus; cpu++)
		table->fd[cpu] = create_ring(RING_BYTES_LEAST);
}

static bool fill_serially(struct rings_table *table)
{
	create_all(table);
	for (__u32 cpu = 0; cpu < table->maps.cpus; cpu++)
		if (bpf_map_update_elem(table->maps.rings_fd, &cpu, &table->fd[cpu], BPF_ANY))
			return false;
	return true;
}

static bool fill_by_batch(struct rings_table *table)
{
	__u32 keys[MAX_CPUS], count = table->maps.cpus;

	create_all(table);
	for (__u32 cpu = 0; cpu < count; cpu++)
		keys[cpu] = cpu;
	return !bpf_map_update_batch(table->maps.rings_fd, keys, table->fd, &count, NULL);
}

static const struct row {
	const char *name;
	bool (*fill)(struct rings_table *table);
	unsigned int most;
} rows[] = {
	{ "xdpdrop: one thread per ring", fill_ours, MAX_CPUS },
	{ "one update after the other", fill_serially, SERIAL_CPUS },
	{ "one bpf_map_update_batch", fill_by_batch, MAX_CPUS },
};

static bool measure(const struct row *row, unsigned int cpus, struct samples *ms)
{
	static struct rings_table table;
	double start;
	bool done;

	table_create(&table, cpus);
	start = bench_now();
	done = row->fill(&table);
	samples_add(ms, (bench_now() - start) * 1e3);
	table_close(&table);
	return done;
}

static void measure_row(const struct row *row)
{
	static const char *const columns[] = { "2 CPUs", "64 CPUs", "128 CPUs", "384 CPUs" };

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts) && counts[i] <= row->most; i++) {
		struct samples ms = { 0 };
		long rounds = bench_rounds(ROUNDS, QUICK_ROUNDS);

		while (rounds > 0 && measure(row, counts[i], &ms))
			rounds--;
		if (rounds) {
			result_not_run(SECTION, row->name, "this kernel refuses it");
			return;
		}
		result_samples(SECTION, row->name, columns[i], &ms);
	}
}

void section_cpus(void)
{
	/* as in the tool; threads of one CPU would begin one after the other */
	bench_use_cpu(BENCH_BOTH_CPUS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		measure_row(&rows[i]);
	bench_use_cpu(bench.work_cpu);
	result_print(SECTION, "Many CPUs: ms to create and use a ring for each; median (minimum)");
}
