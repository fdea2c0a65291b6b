// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Creates, maps and releases what kernel.h names. Every map's size is decided here, so that
 * the objects' own definitions stay templates.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cleanup.h"
#include "cpus.h"
#include "kernel.h"
#include "lease.h"
#include "owner.h"
#include "probe.h"

#define KIB 1024UL
/* No capture works with less. */
#define LEAST_MEMORY (128 * KIB)
#define LEAST_DESCRIPTORS 8
#define MIB (1024 * KIB)

/* Default: this much over all online CPUs, within limits for each. */
#define RINGS_TOTAL (128 * MIB)
#define RING_MIN (2 * MIB)
#define RING_MAX (16 * MIB)
/* A ring of less cannot hold two of the largest records. */
#define RING_LEAST (256 * KIB)

/* The reader is woken each time this part of a ring has been filled. */
#define WATERMARK_PART 8

static size_t power_of_two(size_t size)
{
	size_t power = RING_LEAST;

	while (power < size)
		power *= 2;
	return power;
}

size_t kernel_ring_size(unsigned int online)
{
	size_t size = RINGS_TOTAL / (online ? online : 1);

	if (size > RING_MAX)
		return RING_MAX;
	/* the power of two at or below, so that the total is kept */
	return size <= RING_MIN ? RING_MIN : power_of_two(size / 2 + 1);
}

static size_t ring_size(__u32 buffer_kib, const bool *online, unsigned int cpus)
{
	unsigned int count = 0;

	if (buffer_kib)
		return power_of_two(buffer_kib * KIB);
	for (unsigned int cpu = 0; cpu < cpus; cpu++)
		count += online[cpu];
	return kernel_ring_size(count);
}

static size_t whole_pages(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

static size_t counters_bytes(const struct kernel *kernel)
{
	return whole_pages(sizeof(struct xdpdrop_counters) * XDPDROP_MAX_SITES * kernel->cpus);
}

static size_t states_bytes(const struct kernel *kernel)
{
	return whole_pages(sizeof(struct xdpdrop_state) * kernel->cpus);
}

static int create_rings_map(const struct kernel *kernel)
{
	CLEANUP_FD int inner =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpdrop_ring", 0, 0, kernel->ring_size, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner);

	if (inner < 0)
		return -errno;
	return bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xdpdrop_rings", sizeof(__u32),
			      sizeof(__u32), kernel->cpus, &opts);
}

static int create_page_map(const char *name, __u32 value_size, __u32 entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), value_size, entries, &opts);
}

static int map_page(int fd, size_t bytes, int protection, void **address)
{
	void *mapped = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*address = mapped;
	return 0;
}

static int create_maps(struct kernel *kernel)
{
	int err;

	kernel->control_fd = create_page_map("xdpdrop_control", sizeof(*kernel->control), 1);
	if (kernel->control_fd < 0)
		return -errno;
	kernel->counters_fd = create_page_map("xdpdrop_count", sizeof(*kernel->counters),
					      XDPDROP_MAX_SITES * kernel->cpus);
	if (kernel->counters_fd < 0)
		return -errno;
	kernel->states_fd =
		create_page_map("xdpdrop_states", sizeof(*kernel->states), kernel->cpus);
	if (kernel->states_fd < 0)
		return -errno;
	kernel->rings_fd = create_rings_map(kernel);
	if (kernel->rings_fd < 0)
		return -errno;
	err = map_page(kernel->control_fd, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		       (void **)&kernel->control);
	if (err)
		return err;
	err = map_page(kernel->states_fd, states_bytes(kernel), PROT_READ,
		       (void **)&kernel->states);
	if (err)
		return err;
	return map_page(kernel->counters_fd, counters_bytes(kernel), PROT_READ,
			(void **)&kernel->counters);
}

static int add_ring(struct kernel *kernel, __u32 cpu)
{
	CLEANUP_FD int fd =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpdrop_ring", 0, 0, kernel->ring_size, NULL);
	int err;

	if (fd < 0)
		return -errno;
	err = rings_add(&kernel->rings, fd, kernel->ring_size);
	if (err)
		return err;
	if (kernel->ring_made)
		kernel->ring_made(kernel->data, cpu, fd);
	kernel->ring_fds[cpu] = take_fd(&fd);
	return 0;
}

/* From here on programs use it. */
static int put_ring(struct kernel *kernel, __u32 cpu)
{
	if (bpf_map_update_elem(kernel->rings_fd, &cpu, &kernel->ring_fds[cpu], BPF_ANY))
		return -errno;
	kernel->ring_used[cpu] = true;
	return 0;
}

int kernel_take_ring(struct kernel *kernel, __u32 cpu, int fd)
{
	int err;

	if (cpu >= kernel->cpus || kernel->ring_fds[cpu] >= 0)
		return -EINVAL;
	err = rings_add(&kernel->rings, fd, kernel->ring_size);
	if (!err)
		kernel->ring_fds[cpu] = fd;
	return err;
}

static int add_missing_rings(struct kernel *kernel, const bool *online)
{
	int added = 0;

	for (__u32 cpu = 0; cpu < kernel->cpus; cpu++) {
		int err;

		if (!online[cpu] || kernel->ring_used[cpu])
			continue;
		err = kernel->ring_fds[cpu] < 0 ? add_ring(kernel, cpu) : 0;
		err = err ?: put_ring(kernel, cpu);
		if (err)
			return err;
		added++;
	}
	return added;
}

int kernel_follow_cpus(struct kernel *kernel)
{
	CLEANUP_FREE bool *online = calloc(kernel->cpus, sizeof(*online));
	int err = online ? cpus_online(online, kernel->cpus) : -ENOMEM;

	return err ? err : add_missing_rings(kernel, online);
}

static int create(struct kernel *kernel, __u32 buffer_kib)
{
	CLEANUP_FREE bool *online = calloc(kernel->cpus, sizeof(*online));
	int err;

	kernel->ring_fds = malloc(kernel->cpus * sizeof(*kernel->ring_fds));
	kernel->ring_used = calloc(kernel->cpus, sizeof(*kernel->ring_used));
	if (kernel->ring_fds)
		memset(kernel->ring_fds, -1, kernel->cpus * sizeof(*kernel->ring_fds));
	if (!online || !kernel->ring_fds || !kernel->ring_used)
		return -ENOMEM;
	err = cpus_online(online, kernel->cpus);
	if (err)
		return err;
	kernel->ring_size = ring_size(buffer_kib, online, kernel->cpus);
	err = create_maps(kernel);
	if (err)
		return err;
	kernel->control->magic = XDPDROP_CONTROL_MAGIC;
	kernel->control->version = XDPDROP_CONTROL_VERSION;
	kernel->control->watermark = kernel->ring_size / WATERMARK_PART;
	kernel->control->sample = 1;
	err = owner_sign(kernel->control);
	if (err)
		return err;
	err = add_missing_rings(kernel, online);
	return err < 0 ? err : 0;
}

/* Before Linux 5.11 maps count as locked memory, and libbpf may not raise the limit of it. */
static bool locked_memory_is_limited(struct rlimit *limit)
{
	return !getrlimit(RLIMIT_MEMLOCK, limit) && limit->rlim_cur != RLIM_INFINITY;
}

static int explain(int err, const struct log *log)
{
	struct rlimit limit;

	if (err == -EPERM && locked_memory_is_limited(&limit))
		return log_error(log, err,
				 "the kernel refused to create BPF maps: the limit of locked "
				 "memory, RLIMIT_MEMLOCK, is %llu KiB; raise it (ulimit -l "
				 "unlimited), or add CAP_SYS_RESOURCE",
				 (unsigned long long)limit.rlim_cur / KIB);
	if (err == -EPERM)
		return log_error(log, err,
				 "the kernel refused to create BPF maps: run as root, "
				 "or with CAP_BPF and CAP_NET_ADMIN");
	if (err == -EMFILE || err == -ENFILE)
		return log_error(log, err,
				 "cannot load BPF programs: %s; raise the limit (ulimit -n)",
				 strerror(-err));
	if (!probe(FEATURE_RINGBUF))
		return log_error(log, -EOPNOTSUPP, "this kernel has no %s (Linux 5.8 or later has)",
				 probe_describe(FEATURE_RINGBUF));
	return log_error(log, err,
			 "cannot create ring buffers for the online CPUs: %s; "
			 "try a smaller buffer (-B)",
			 strerror(-err));
}

static int check_descriptors(void)
{
	int fds[LEAST_DESCRIPTORS], count = 0, err;

	while (count < LEAST_DESCRIPTORS && (fds[count] = epoll_create1(EPOLL_CLOEXEC)) >= 0)
		count++;
	err = count < LEAST_DESCRIPTORS ? -errno : 0;
	while (count)
		close(fds[--count]);
	return err;
}

int kernel_check_limits(const struct log *log)
{
	CLEANUP_FD int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpdrop_probe", sizeof(__u32),
					    LEAST_MEMORY, 1, NULL);
	int err = map < 0 ? -errno : check_descriptors();

	return err ? explain(err, log) : 0;
}

static int create_lease(struct kernel *kernel, const struct log *log)
{
	int err;

	kernel->lease_fd = lease_create(kernel->control_fd);
	err = kernel->lease_fd < 0 ? kernel->lease_fd : kernel_extend_lease(kernel);
	if (!err)
		return 0;
	return log_error(log, err, "cannot run the program that extends the lease: %s",
			 strerror(-err));
}

int kernel_create(struct kernel *kernel, __u32 buffer_kib, const struct log *log)
{
	int cpus = libbpf_num_possible_cpus(), err;

	*kernel = KERNEL_NONE;
	kernel->cpus = cpus > 0 ? cpus : 1;
	err = create(kernel, buffer_kib);
	err = err ? explain(err, log) : create_lease(kernel, log);
	if (err)
		kernel_destroy(kernel);
	return err;
}

void kernel_relinquish(struct kernel *kernel)
{
	cleanup_fd(&kernel->rings_fd);
	cleanup_fd(&kernel->counters_fd);
	cleanup_fd(&kernel->states_fd);
	cleanup_fd(&kernel->control_fd);
	cleanup_fd(&kernel->lease_fd);
	kernel->rings_fd = kernel->counters_fd = kernel->states_fd = -1;
	kernel->control_fd = kernel->lease_fd = -1;
}

void kernel_destroy(struct kernel *kernel)
{
	rings_free(&kernel->rings);
	for (unsigned int cpu = 0; kernel->ring_fds && cpu < kernel->cpus; cpu++)
		cleanup_fd(&kernel->ring_fds[cpu]);
	free(kernel->ring_fds);
	free(kernel->ring_used);
	if (kernel->control)
		munmap(kernel->control, sysconf(_SC_PAGESIZE));
	if (kernel->counters)
		munmap(kernel->counters, counters_bytes(kernel));
	if (kernel->states)
		munmap(kernel->states, states_bytes(kernel));
	cleanup_fd(&kernel->rings_fd);
	cleanup_fd(&kernel->counters_fd);
	cleanup_fd(&kernel->states_fd);
	cleanup_fd(&kernel->control_fd);
	cleanup_fd(&kernel->lease_fd);
	*kernel = KERNEL_NONE;
}

int kernel_share_maps(const struct kernel *kernel, struct bpf_map *rings, struct bpf_map *counters,
		      struct bpf_map *states, struct bpf_map *control)
{
	int err = bpf_map__reuse_fd(rings, kernel->rings_fd);

	err = err ?: bpf_map__reuse_fd(counters, kernel->counters_fd);
	err = err ?: bpf_map__reuse_fd(states, kernel->states_fd);
	return err ?: bpf_map__reuse_fd(control, kernel->control_fd);
}

int kernel_extend_lease(struct kernel *kernel)
{
	return lease_extend(kernel->lease_fd, kernel->control);
}

void kernel_disown(struct kernel *kernel)
{
	kernel->control->pid_start = 0;
	__atomic_store_n(&kernel->control->deadline, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&kernel->control->deadline_jiffies, 0, __ATOMIC_RELAXED);
}

void kernel_count(const struct kernel *kernel, unsigned int site, struct xdpdrop_counters *sum)
{
	const volatile struct xdpdrop_counters *counters = kernel->counters + site * kernel->cpus;

	*sum = (struct xdpdrop_counters){ 0 };
	for (unsigned int cpu = 0; cpu < kernel->cpus; cpu++) {
		sum->seen += counters[cpu].seen;
		sum->filtered += counters[cpu].filtered;
		sum->sampled_out += counters[cpu].sampled_out;
		sum->limited += counters[cpu].limited;
		sum->lost += counters[cpu].lost;
		sum->captured += counters[cpu].captured;
		sum->bytes += counters[cpu].bytes;
		sum->lost_told += counters[cpu].lost_told;
	}
}

bool kernel_balanced(const struct kernel *kernel, unsigned int site)
{
	const volatile struct xdpdrop_counters *counters = kernel->counters + site * kernel->cpus;

	for (unsigned int cpu = 0; cpu < kernel->cpus; cpu++)
		if (counters[cpu].seen != counters[cpu].filtered + counters[cpu].sampled_out +
						  counters[cpu].limited + counters[cpu].lost +
						  counters[cpu].captured)
			return false;
	return true;
}
