// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Creates, maps and releases the maps. Each map's size is decided here, so the sizes in the BPF
 * objects are only placeholders.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/cpus.h"
#include "bpf/capture_maps.h"
#include "bpf/capture_rings.h"
#include "bpf/lease.h"
#include "bpf/owner.h"
#include "bpf/probe.h"

#define KIB 1024UL
/* Minimum for any capture. */
#define LEAST_MEMORY (128 * KIB)
#define LEAST_DESCRIPTORS 24

/* The reader is woken each time this fraction of a ring has been filled. */
#define WATERMARK_PART 8

static size_t capture_maps_whole_pages(size_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

size_t capture_maps_counting_bytes(unsigned int cpus)
{
	return capture_maps_whole_pages(sizeof(struct xdpdrop_state) * cpus);
}

/* A map of rings like @like. */
static int capture_maps_create_ring_table(const struct capture_maps *maps, int like)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = like);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xdpdrop_rings", sizeof(__u32),
				sizeof(__u32), maps->cpus, &opts);

	return fd < 0 ? -errno : fd;
}

/* Its entries are like the first ring: one made for this alone would take as much memory. */
static int capture_maps_create_rings_map(struct capture_maps *maps, const bool *online)
{
	__u32 first = 0;
	int err;

	while (first < maps->cpus - 1 && !online[first])
		first++;
	err = capture_rings_create(maps, first);
	return err ? err : capture_maps_create_ring_table(maps, maps->ring_fds[first]);
}

/* Programs that only count refer to the map, but never use it. */
static int capture_maps_create_empty_rings_map(struct capture_maps *maps)
{
	CLEANUP_FD int like = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "xdpdrop_ring", 0, 0,
					     sysconf(_SC_PAGESIZE), NULL);

	return like < 0 ? -errno : capture_maps_create_ring_table(maps, like);
}

static int capture_maps_create_page_map(const char *name, __u32 value_size, __u32 entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, name, sizeof(__u32), value_size, entries, &opts);
}

static int capture_maps_map_page(int fd, size_t bytes, int protection, void **address)
{
	void *mapped = mmap(NULL, bytes, protection, MAP_SHARED, fd, 0);

	if (mapped == MAP_FAILED)
		return -errno;
	*address = mapped;
	return 0;
}

/* @online: the CPUs to have rings; NULL: none. */
static int capture_maps_create_maps(struct capture_maps *maps, const bool *online)
{
	int err;

	maps->control_fd =
		capture_maps_create_page_map("xdpdrop_control", sizeof(*maps->control), 1);
	if (maps->control_fd < 0)
		return -errno;
	maps->states_fd =
		capture_maps_create_page_map("xdpdrop_states", sizeof(*maps->states), maps->cpus);
	if (maps->states_fd < 0)
		return -errno;
	maps->rings_fd = online ? capture_maps_create_rings_map(maps, online) :
				  capture_maps_create_empty_rings_map(maps);
	if (maps->rings_fd < 0)
		return maps->rings_fd;
	err = capture_maps_map_page(maps->control_fd, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
				    (void **)&maps->control);
	if (err)
		return err;
	return capture_maps_map_page(maps->states_fd, capture_maps_counting_bytes(maps->cpus),
				     PROT_READ, (void **)&maps->states);
}

static int capture_maps_create_all(struct capture_maps *maps, const struct xdpdrop_opts *opts)
{
	CLEANUP_FREE bool *online = calloc(maps->cpus, sizeof(*online));
	int err;

	maps->ring_fds = malloc(maps->cpus * sizeof(*maps->ring_fds));
	maps->ring_used = calloc(maps->cpus, sizeof(*maps->ring_used));
	maps->reader = calloc(maps->cpus, sizeof(*maps->reader));
	if (maps->ring_fds)
		memset(maps->ring_fds, -1, maps->cpus * sizeof(*maps->ring_fds));
	if (!online || !maps->ring_fds || !maps->ring_used || !maps->reader)
		return -ENOMEM;
	err = cpus_online(online, maps->cpus);
	if (err)
		return err;
	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++)
		maps->online += online[cpu];
	maps->ring_size = opts->count_only ? 0 : capture_rings_size(opts->buffer_kib, maps->online);
	err = capture_maps_create_maps(maps, opts->count_only ? NULL : online);
	if (err)
		return err;
	maps->control->watermark = maps->ring_size / WATERMARK_PART;
	maps->control->snaplen = opts->snaplen;
	maps->control->sample = 1;
	if (opts->count_only)
		return 0;
	err = capture_rings_add_missing(maps, online);
	return err < 0 ? err : 0;
}

/*
 * Before Linux 5.11 maps count as locked memory. libbpf may lack the privilege to raise the limit.
 */
static bool capture_maps_locked_memory_is_limited(struct rlimit *limit)
{
	return !getrlimit(RLIMIT_MEMLOCK, limit) && limit->rlim_cur != RLIM_INFINITY;
}

static int capture_maps_explain(int err, const struct log *log)
{
	struct rlimit limit;

	if (err == -EPERM && capture_maps_locked_memory_is_limited(&limit))
		return log_error(log, err,
				 "the kernel refused to create BPF maps: the limit of locked "
				 "memory, RLIMIT_MEMLOCK, is %llu KiB; raise it, or add "
				 "CAP_SYS_RESOURCE",
				 (unsigned long long)limit.rlim_cur / KIB);
	if (err == -EPERM)
		return log_error(log, err,
				 "the kernel refused to create BPF maps: run as root, "
				 "or with CAP_BPF and CAP_NET_ADMIN");
	if (err == -EMFILE || err == -ENFILE)
		return log_error(log, err, "cannot load BPF programs: %s; raise RLIMIT_NOFILE",
				 strerror(-err));
	if (err == -ENOSYS)
		return log_error(log, err,
				 "this kernel has no bpf(2), or a filter of system calls, as in "
				 "containers, hides it");
	if (!probe(FEATURE_RINGBUF))
		return log_error(log, -EOPNOTSUPP, "this kernel has no %s (Linux 5.8 or later has)",
				 probe_describe(FEATURE_RINGBUF));
	return log_error(log, err,
			 "cannot create ring buffers for the online CPUs: %s; "
			 "try smaller ones",
			 strerror(-err));
}

/* There is a ring for each CPU, whatever the limit was made for. */
static int capture_maps_explain_creation(const struct capture_maps *maps, int err,
					 const struct log *log)
{
	struct rlimit limit;

	if (err != -EMFILE || getrlimit(RLIMIT_NOFILE, &limit))
		return capture_maps_explain(err, log);
	return log_error(log, err,
			 "a capture on %u CPUs needs %u file descriptors, and more for each hook "
			 "or program, but RLIMIT_NOFILE is %llu: raise it",
			 maps->online, maps->online + LEAST_DESCRIPTORS,
			 (unsigned long long)limit.rlim_cur);
}

static int capture_maps_check_descriptors(void)
{
	int fds[LEAST_DESCRIPTORS], count = 0, err;

	while (count < LEAST_DESCRIPTORS && (fds[count] = epoll_create1(EPOLL_CLOEXEC)) >= 0)
		count++;
	err = count < LEAST_DESCRIPTORS ? -errno : 0;
	while (count)
		close(fds[--count]);
	return err;
}

int capture_maps_check_limits(const struct log *log)
{
	CLEANUP_FD int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpdrop_probe", sizeof(__u32),
					    LEAST_MEMORY, 1, NULL);
	int err = map < 0 ? -errno : capture_maps_check_descriptors();

	return err ? capture_maps_explain(err, log) : 0;
}

static int capture_maps_create_lease(struct capture_maps *maps, const struct log *log)
{
	int err;

	maps->lease_fd = lease_create(maps->control_fd);
	err = maps->lease_fd < 0 ? maps->lease_fd :
				   lease_measure_clock(maps->lease_fd, maps->control);
	if (err)
		return log_error(log, err, "cannot run the program that extends the lease: %s",
				 strerror(-err));
	maps->owner_fd = owner_create(maps->lease_fd);
	if (maps->owner_fd < 0)
		return log_error(log, maps->owner_fd, "cannot create the map of the owner: %s",
				 strerror(-maps->owner_fd));
	return 0;
}

int capture_maps_create(struct capture_maps *maps, const struct xdpdrop_opts *opts,
			ring_made_fn ring_made, void *data, const struct log *log)
{
	int cpus = libbpf_num_possible_cpus(), err;

	*maps = CAPTURE_MAPS_NONE;
	maps->ring_made = ring_made;
	maps->data = data;
	maps->cpus = cpus > 0 ? cpus : 1;
	err = capture_maps_create_all(maps, opts);
	err = err ? capture_maps_explain_creation(maps, err, log) :
		    capture_maps_create_lease(maps, log);
	if (err)
		capture_maps_destroy(maps);
	return err;
}

void capture_maps_keep(const struct capture_maps *maps, struct fd_list *list)
{
	const int fds[] = { maps->rings_fd, maps->states_fd, maps->control_fd, maps->lease_fd,
			    maps->owner_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		fd_list_add(list, fds[i]);
	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++)
		fd_list_add(list, maps->ring_fds[cpu]);
}

void capture_maps_close_fds(struct capture_maps *maps)
{
	cleanup_fd(&maps->rings_fd);
	cleanup_fd(&maps->states_fd);
	cleanup_fd(&maps->control_fd);
	cleanup_fd(&maps->lease_fd);
	cleanup_fd(&maps->owner_fd);
}

void capture_maps_destroy(struct capture_maps *maps)
{
	for (unsigned int cpu = 0; maps->ring_fds && cpu < maps->cpus; cpu++)
		cleanup_fd(&maps->ring_fds[cpu]);
	free(maps->ring_fds);
	free(maps->ring_used);
	free(maps->reader);
	if (maps->control)
		munmap(maps->control, sysconf(_SC_PAGESIZE));
	if (maps->states)
		munmap(maps->states, capture_maps_counting_bytes(maps->cpus));
	capture_maps_close_fds(maps);
	*maps = CAPTURE_MAPS_NONE;
}

int capture_maps_share_maps(const struct capture_maps *maps, struct bpf_map *rings,
			    struct bpf_map *states, struct bpf_map *control, struct bpf_map *owner)
{
	int err = bpf_map__reuse_fd(rings, maps->rings_fd);

	err = err ?: bpf_map__reuse_fd(states, maps->states_fd);
	err = err ?: bpf_map__reuse_fd(control, maps->control_fd);
	return err ?: bpf_map__reuse_fd(owner, maps->owner_fd);
}

struct xdpdrop_constants capture_maps_constants(const struct capture_maps *maps)
{
	const struct capture_limits *limits = &maps->limits;

	return (struct xdpdrop_constants){
		.has_frags = probe(FEATURE_FRAGS),
		.has_unaligned_loads = probe(FEATURE_UNALIGNED_LOADS),
		.replaying = maps->replaying,
		.sampling = limits->sampling,
		.limiting = limits->rate_interval || limits->reason_interval,
		.timing = limits->timing,
		.counting = limits->counting,
		.matching = limits->matching,
	};
}

int capture_maps_extend_lease(struct capture_maps *maps)
{
	return lease_extend(maps->lease_fd);
}

static void capture_maps_add(struct xdpdrop_counters *sum,
			     const volatile struct xdpdrop_counters *counters)
{
	sum->seen += counters->seen;
	sum->filtered += counters->filtered;
	sum->sampled_out += counters->sampled_out;
	sum->limited += counters->limited;
	sum->lost += counters->lost;
	sum->captured += counters->captured;
	sum->bytes += counters->bytes;
	sum->lost_reported += counters->lost_reported;
}

void capture_maps_count(const struct capture_maps *maps, unsigned int point,
			struct xdpdrop_counters *sum)
{
	*sum = (struct xdpdrop_counters){ 0 };
	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++)
		capture_maps_add(sum, &maps->states[cpu].counters[point]);
}

void capture_maps_count_of(const struct capture_maps *maps, unsigned int reader, unsigned int point,
			   struct xdpdrop_counters *sum)
{
	*sum = (struct xdpdrop_counters){ 0 };
	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++)
		if (maps->reader[cpu] == reader)
			capture_maps_add(sum, &maps->states[cpu].counters[point]);
}

bool capture_maps_balanced(const struct capture_maps *maps, unsigned int point)
{
	for (unsigned int cpu = 0; cpu < maps->cpus; cpu++) {
		const volatile struct xdpdrop_counters *counters =
			&maps->states[cpu].counters[point];

		if (counters->seen != counters->filtered + counters->sampled_out +
					      counters->limited + counters->lost +
					      counters->captured)
			return false;
	}
	return true;
}
