// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Creates a ring for each CPU that is online, and has programs use them.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/parallel.h"
#include "bpf/capture_rings.h"

#define KIB 1024UL
#define MIB (1024 * KIB)

/* Default: total over all online CPUs, within limits for each. */
#define RINGS_TOTAL (128 * MIB)
#define RING_MIN (2 * MIB)
#define RING_MAX (16 * MIB)
/* A smaller ring cannot hold two records of maximum size. */
#define RING_LEAST (256 * KIB)

static size_t capture_rings_power_of_two(size_t size)
{
	size_t power = RING_LEAST;

	while (power < size)
		power *= 2;
	return power;
}

size_t capture_rings_default_size(unsigned int online)
{
	size_t size = RINGS_TOTAL / (online ? online : 1);

	if (size > RING_MAX)
		return RING_MAX;
	/* round down to a power of two, so that the total is not exceeded */
	return size <= RING_MIN ? RING_MIN : capture_rings_power_of_two(size / 2 + 1);
}

size_t capture_rings_size(__u32 buffer_kib, unsigned int online)
{
	return buffer_kib ? capture_rings_power_of_two(buffer_kib * KIB) :
			    capture_rings_default_size(online);
}

int capture_rings_create(struct capture_maps *maps, __u32 cpu)
{
	CLEANUP_FD int fd =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpdrop_ring", 0, 0, maps->ring_size, NULL);
	int err;

	if (fd < 0)
		return -errno;
	err = maps->ring_made(maps->data, cpu, fd, maps->ring_size);
	if (!err)
		maps->ring_fds[cpu] = take_fd(&fd);
	return err;
}

int capture_rings_take(struct capture_maps *maps, __u32 cpu, int fd)
{
	int err;

	if (cpu >= maps->cpus || maps->ring_fds[cpu] >= 0)
		return -EINVAL;
	err = maps->ring_made(maps->data, cpu, fd, maps->ring_size);
	if (!err)
		maps->ring_fds[cpu] = fd;
	return err;
}

/* Rings that programs do not use yet. */
struct capture_rings_new {
	struct capture_maps *maps;
	unsigned int count;
	__u32 *cpus;
	int error; /* atomic; one of those that occurred */
};

/* From now on programs use the ring. */
static void capture_rings_put(void *data, unsigned int step)
{
	struct capture_rings_new *rings = data;
	struct capture_maps *maps = rings->maps;
	__u32 cpu = rings->cpus[step];

	if (bpf_map_update_elem(maps->rings_fd, &cpu, &maps->ring_fds[cpu], BPF_ANY))
		__atomic_store_n(&rings->error, -errno, __ATOMIC_RELAXED);
	else
		maps->ring_used[cpu] = true;
}

/*
 * Each update of a map of maps waits for an RCU grace period (maybe_wait_bpf_programs() in
 * kernel/bpf/syscall.c), which takes longer the more CPUs there are. Threads wait for the same one.
 * Linux 5.10 refuses bpf_map_update_batch() for such a map, and 6.1 waits for each of its entries.
 */
static int capture_rings_put_all(struct capture_rings_new *rings)
{
	parallel_run(rings->count, rings->count, capture_rings_put, rings);
	return rings->error ?: (int)rings->count;
}

int capture_rings_add_missing(struct capture_maps *maps, const bool *online)
{
	CLEANUP_FREE __u32 *cpus = malloc(maps->cpus * sizeof(*cpus));
	struct capture_rings_new rings = { .maps = maps, .cpus = cpus };
	int err = 0, put;

	if (!cpus)
		return -ENOMEM;
	for (__u32 cpu = 0; !err && cpu < maps->cpus; cpu++) {
		if (!online[cpu] || maps->ring_used[cpu])
			continue;
		err = maps->ring_fds[cpu] < 0 ? capture_rings_create(maps, cpu) : 0;
		if (!err)
			cpus[rings.count++] = cpu;
	}
	put = capture_rings_put_all(&rings);
	return err ?: put;
}

/* A ring that cannot be created is tried again by the next call. */
void capture_rings_follow_cpus(struct capture_maps *maps, const struct log *log)
{
	CLEANUP_FREE bool *online = calloc(maps->cpus, sizeof(*online));
	int err = online ? cpus_online(online, maps->cpus) : -ENOMEM;

	if (!err)
		err = capture_rings_add_missing(maps, online);
	if (err < 0 && !maps->cpus_error)
		log_error(log, err,
			  "cannot create the ring of a CPU that came online: %s; its frames "
			  "count as lost until it is created",
			  strerror(-err));
	else if (err >= 0 && maps->cpus_error)
		log_warn(log, "each online CPU has a ring again");
	maps->cpus_error = err < 0 ? err : 0;
}
