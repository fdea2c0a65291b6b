/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The maps that one session shares with all its programs: rings, counters, control page.
 * Knows nothing of taps or files.
 */
#ifndef XDPDROP_BPF_CAPTURE_MAPS_H
#define XDPDROP_BPF_CAPTURE_MAPS_H

#include <bpf/libbpf.h>

#include "control.h"
#include "base/fd_list.h"
#include "base/log.h"
#include "state.h"

/* What leaves frames out; see the programs' constants in maps.bpf.h. All 0: nothing. */
struct capture_limits {
	bool sampling, timing;
	__u64 second, rate_interval, reason_interval;
};

/*
 * Takes the ring buffer of @cpu, map @fd of @size bytes, before programs use it. @fd is borrowed.
 * 0; an error keeps programs from using it.
 */
typedef int (*ring_made_fn)(void *data, __u32 cpu, int fd, size_t size);

struct capture_maps {
	int rings_fd, counters_fd, states_fd, control_fd, lease_fd;
	struct xdpdrop_control *control;   /* mapped */
	struct xdpdrop_counters *counters; /* mapped */
	struct xdpdrop_state *states;	   /* mapped, by CPU */
	unsigned int cpus;		   /* possible ones */
	size_t ring_size;
	int *ring_fds;		      /* by CPU, -1: not online so far */
	bool *ring_used;	      /* by CPU: programs use it */
	int cpus_error;		      /* of following the CPUs, as said */
	struct capture_limits limits; /* set before programs are loaded */
	ring_made_fn ring_made;
	void *data;
};

/* Before capture_maps_create(), and after capture_maps_destroy(). */
#define CAPTURE_MAPS_NONE                                                                          \
	((struct capture_maps){ .rings_fd = -1,                                                    \
				.counters_fd = -1,                                                 \
				.states_fd = -1,                                                   \
				.control_fd = -1,                                                  \
				.lease_fd = -1 })

/*
 * Can a map be made at all, and a few descriptors? Before probes are asked, which would take that
 * for a feature that is missing. Errors: -EPERM, -ENOMEM, -EMFILE; logged.
 */
int capture_maps_check_limits(const struct log *log);

/* Bytes of each ring by default, where @online CPUs are online. */
size_t capture_maps_ring_size(unsigned int online);

/*
 * Create the maps, fill and sign the control page, make rings for the online CPUs.
 * @buffer_kib: per CPU, 0 for the default. @snaplen: the control page's. @ring_made is called with
 * @data for each ring, now and later. Errors: -EPERM, -ENOMEM, -EOPNOTSUPP; logged.
 */
int capture_maps_create(struct capture_maps *maps, __u32 buffer_kib, __u32 snaplen,
			ring_made_fn ring_made, void *data, const struct log *log);
void capture_maps_destroy(struct capture_maps *maps);

/*
 * Make rings for CPUs that have come online. Logs what fails, once: frames of such a CPU count as
 * lost until a later call succeeds.
 */
void capture_maps_follow_cpus(struct capture_maps *maps, const struct log *log);

/*
 * Take over the ring of a CPU that another process has made: @fd, on success. ring_made() is called
 * for it, too. 0 or -errno.
 */
int capture_maps_take_ring(struct capture_maps *maps, __u32 cpu, int fd);

/* Add the descriptors to @list. */
void capture_maps_keep(const struct capture_maps *maps, struct fd_list *list);

/* Let go of what system calls could change; rings, counters and control page stay mapped. */
void capture_maps_relinquish(struct capture_maps *maps);

/* Point an opened, not yet loaded program at this session's maps. 0 or -errno. */
#define CAPTURE_MAPS_SHARE(shared, skeleton)                                                       \
	({                                                                                         \
		(skeleton)->rodata->cpus = (shared)->cpus;                                         \
		(skeleton)->rodata->has_frags = probe(FEATURE_FRAGS);                              \
		(skeleton)->rodata->has_unaligned_loads = probe(FEATURE_UNALIGNED_LOADS);          \
		(skeleton)->rodata->sampling = (shared)->limits.sampling;                          \
		(skeleton)->rodata->timing = (shared)->limits.timing;                              \
		(skeleton)->rodata->second = (shared)->limits.second;                              \
		(skeleton)->rodata->rate_interval = (shared)->limits.rate_interval;                \
		(skeleton)->rodata->reason_interval = (shared)->limits.reason_interval;            \
		capture_maps_share_maps((shared), (skeleton)->maps.xdpdrop_rings,                  \
					(skeleton)->maps.xdpdrop_counters,                         \
					(skeleton)->maps.xdpdrop_states,                           \
					(skeleton)->maps.xdpdrop_control);                         \
	})
int capture_maps_share_maps(const struct capture_maps *maps, struct bpf_map *rings,
			    struct bpf_map *counters, struct bpf_map *states,
			    struct bpf_map *control);

/* Move the deadline to a lease from now. 0, or -errno: it stays where it was. */
int capture_maps_extend_lease(struct capture_maps *maps);

/* Sum of @capture point's counters over all CPUs. */
void capture_maps_count(const struct capture_maps *maps, unsigned int point,
			struct xdpdrop_counters *sum);

/*
 * Has each CPU counted each frame of @capture point that it has seen as one of the outcomes, and no
 * more?
 */
bool capture_maps_balanced(const struct capture_maps *maps, unsigned int point);

#endif
