/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The maps that one session shares with all its programs: rings, counters, control page.
 * Knows nothing of taps or files.
 */
#ifndef XDPDROP_KERNEL_H
#define XDPDROP_KERNEL_H

#include <bpf/libbpf.h>

#include "control.h"
#include "log.h"
#include "ring.h"
#include "state.h"

/* What leaves frames out; see the programs' constants in maps.bpf.h. All 0: nothing. */
struct kernel_bounds {
	bool sampling, timing;
	__u64 second, rate_interval, reason_interval;
};

struct kernel {
	int rings_fd, counters_fd, states_fd, control_fd, lease_fd;
	struct xdpdrop_control *control;   /* mapped */
	struct xdpdrop_counters *counters; /* mapped */
	struct xdpdrop_state *states;	   /* mapped, by CPU */
	unsigned int cpus;		   /* possible ones */
	size_t ring_size;
	int *ring_fds;	 /* by CPU, -1: not online so far */
	bool *ring_used; /* by CPU: programs know it */
	struct rings rings;
	struct kernel_bounds bounds; /* set before programs are loaded */
	/* Called, if not NULL, with a new ring before it has records. */
	void (*ring_made)(void *data, __u32 cpu, int fd);
	void *data;
};

/* Before kernel_create(), and after kernel_destroy(). */
#define KERNEL_NONE                                                                                \
	((struct kernel){ .rings_fd = -1,                                                          \
			  .counters_fd = -1,                                                       \
			  .states_fd = -1,                                                         \
			  .control_fd = -1,                                                        \
			  .lease_fd = -1 })

/*
 * Can a map be made at all, and a few descriptors? Before probes are asked, which would take that
 * for a feature that is missing. Errors: -EPERM, -ENOMEM, -EMFILE; logged.
 */
int kernel_check_limits(const struct log *log);

/* Bytes of each ring by default, where @online CPUs are online. */
size_t kernel_ring_size(unsigned int online);

/*
 * Create the maps, sign the control page, make rings for the online CPUs.
 * @buffer_kib: per CPU, 0 for the default. Errors: -EPERM, -ENOMEM, -EOPNOTSUPP; logged.
 */
int kernel_create(struct kernel *kernel, __u32 buffer_kib, const struct log *log);
void kernel_destroy(struct kernel *kernel);

/* Make rings for CPUs that have come online; returns how many, or -errno. */
int kernel_follow_cpus(struct kernel *kernel);

/* Take over the ring of a CPU that another process has made: @fd, on success. 0 or -errno. */
int kernel_take_ring(struct kernel *kernel, __u32 cpu, int fd);

/* Let go of what system calls could change; rings, counters and control page stay mapped. */
void kernel_relinquish(struct kernel *kernel);

/* Point an opened, not yet loaded program at this session's maps. 0 or -errno. */
#define KERNEL_SHARE(kernel, skeleton)                                                             \
	({                                                                                         \
		(skeleton)->rodata->cpus = (kernel)->cpus;                                         \
		(skeleton)->rodata->has_frags = probe(FEATURE_FRAGS);                              \
		(skeleton)->rodata->has_unaligned_loads = probe(FEATURE_UNALIGNED_LOADS);          \
		(skeleton)->rodata->sampling = (kernel)->bounds.sampling;                          \
		(skeleton)->rodata->timing = (kernel)->bounds.timing;                              \
		(skeleton)->rodata->second = (kernel)->bounds.second;                              \
		(skeleton)->rodata->rate_interval = (kernel)->bounds.rate_interval;                \
		(skeleton)->rodata->reason_interval = (kernel)->bounds.reason_interval;            \
		kernel_share_maps((kernel), (skeleton)->maps.xdpdrop_rings,                        \
				  (skeleton)->maps.xdpdrop_counters,                               \
				  (skeleton)->maps.xdpdrop_states,                                 \
				  (skeleton)->maps.xdpdrop_control);                               \
	})
int kernel_share_maps(const struct kernel *kernel, struct bpf_map *rings, struct bpf_map *counters,
		      struct bpf_map *states, struct bpf_map *control);

/* Move the deadline to a lease from now. 0, or -errno: it stays where it was. */
int kernel_extend_lease(struct kernel *kernel);

/* The session is dead: its programs turn inert, and anybody may remove what it left. */
void kernel_disown(struct kernel *kernel);

/* Sum of @site's counters over all CPUs. */
void kernel_count(const struct kernel *kernel, unsigned int site, struct xdpdrop_counters *sum);

/* Has each CPU counted each frame of @site that it has seen as one of the outcomes, and no more? */
bool kernel_balanced(const struct kernel *kernel, unsigned int site);

#endif
