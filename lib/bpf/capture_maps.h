/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The maps that one session shares with all its programs: rings, states with counters, and the
 * control page.
 */
#ifndef XDPDROP_BPF_CAPTURE_MAPS_H
#define XDPDROP_BPF_CAPTURE_MAPS_H

#include <bpf/libbpf.h>

#include "program_constants.h"
#include "control.h"
#include "base/fd_list.h"
#include "base/log.h"
#include "state.h"

/* Limits on captured frames; see program_constants.h, maps.bpf.h. All 0: no limit. */
struct capture_limits {
	bool sampling, timing, counting, matching;
	__u64 second, rate_interval, reason_interval;
};

/*
 * Called with the ring buffer of @cpu, map @fd of @size bytes, before programs use it. @fd is
 * borrowed. If it returns an error, programs do not use the ring.
 */
typedef int (*ring_made_fn)(void *data, __u32 cpu, int fd, size_t size);

struct capture_maps {
	int rings_fd, states_fd, control_fd, lease_fd, owner_fd;
	struct xdpdrop_control *control; /* mapped */
	struct xdpdrop_state *states;	 /* mapped, by CPU */
	unsigned int cpus;		 /* possible ones */
	unsigned int online;		 /* of these, at the start */
	size_t ring_size;
	int *ring_fds;			  /* by CPU; -1: the CPU was never online */
	bool *ring_used;		  /* by CPU: programs use it */
	__u8 *reader;			  /* by CPU: number of the reader of its ring, first 0 */
	int cpus_error;			  /* last logged error of capture_rings_follow_cpus() */
	struct capture_limits limits;	  /* set before programs are loaded */
	enum xdpdrop_replaying replaying; /* likewise */
	ring_made_fn ring_made;
	void *data;
};

/* The state before capture_maps_create() and after capture_maps_destroy(). */
#define CAPTURE_MAPS_NONE                                                                          \
	((struct capture_maps){ .rings_fd = -1,                                                    \
				.states_fd = -1,                                                   \
				.control_fd = -1,                                                  \
				.lease_fd = -1,                                                    \
				.owner_fd = -1 })

/*
 * Check that a map and a few descriptors can be created. Called before probes, which would report
 * this as a missing feature. Errors: -EPERM, -ENOMEM, -EMFILE; logged.
 */
int capture_maps_check_limits(const struct log *log);

/* Bytes of counters and states if @cpus CPUs are possible. */
size_t capture_maps_counting_bytes(unsigned int cpus);

/*
 * Create the maps, initialise the control page, sign as owner, and create rings for the CPUs that
 * are online. @opts, which are complete, are of the session: buffer_kib, snaplen, and count_only,
 * with which no rings are created. @ring_made is called with @data for each ring, now and later.
 * Errors: -EPERM, -ENOMEM, -EOPNOTSUPP; logged.
 */
int capture_maps_create(struct capture_maps *maps, const struct xdpdrop_opts *opts,
			ring_made_fn ring_made, void *data, const struct log *log);
void capture_maps_destroy(struct capture_maps *maps);

/* Add the descriptors to @list. */
void capture_maps_keep(const struct capture_maps *maps, struct fd_list *list);

/*
 * Close the descriptors by which system calls could change the maps. Rings, counters and the
 * control page stay mapped.
 */
void capture_maps_close_fds(struct capture_maps *maps);

/* The constants of a program of this session that are the same for all. */
struct xdpdrop_constants capture_maps_constants(const struct capture_maps *maps);

/* Make an opened, not yet loaded program use the maps and limits of this session. 0 or -errno. */
#define CAPTURE_MAPS_SHARE(shared, skeleton)                                                       \
	({                                                                                         \
		(skeleton)->rodata->second = (shared)->limits.second;                              \
		(skeleton)->rodata->rate_interval = (shared)->limits.rate_interval;                \
		(skeleton)->rodata->reason_interval = (shared)->limits.reason_interval;            \
		capture_maps_share_maps((shared), (skeleton)->maps.xdpdrop_rings,                  \
					(skeleton)->maps.xdpdrop_states,                           \
					(skeleton)->maps.data_control,                             \
					(skeleton)->maps.xdpdrop_owner);                           \
	})
int capture_maps_share_maps(const struct capture_maps *maps, struct bpf_map *rings,
			    struct bpf_map *states, struct bpf_map *control, struct bpf_map *owner);

/* Set the deadline to now plus the lease. 0, or -errno: it is unchanged. */
int capture_maps_extend_lease(struct capture_maps *maps);

/* Sum of the counters of capture point @point over all CPUs. */
void capture_maps_count(const struct capture_maps *maps, unsigned int point,
			struct xdpdrop_counters *sum);

/* The same over the CPUs whose rings @reader reads. */
void capture_maps_count_of(const struct capture_maps *maps, unsigned int reader, unsigned int point,
			   struct xdpdrop_counters *sum);

/* Has each CPU counted each frame seen at capture point @point as exactly one of the outcomes? */
bool capture_maps_balanced(const struct capture_maps *maps, unsigned int point);

#endif
