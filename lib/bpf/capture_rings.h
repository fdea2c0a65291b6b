/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The rings of a capture: one for each CPU that was online since its start.
 */
#ifndef XDPDROP_BPF_CAPTURE_RINGS_H
#define XDPDROP_BPF_CAPTURE_RINGS_H

#include "bpf/capture_maps.h"

/* Default size of a ring in bytes if @online CPUs are online. */
size_t capture_rings_default_size(unsigned int online);

/* Bytes of a ring: @buffer_kib, or if that is 0 the default for @online CPUs. */
size_t capture_rings_size(__u32 buffer_kib, unsigned int online);

/* Create the ring of a CPU, which has none, and call ring_made(). 0 or -errno. */
int capture_rings_create(struct capture_maps *maps, __u32 cpu);

/*
 * Create rings for CPUs that are @online and have none, and have programs use them. Waits for about
 * one RCU grace period, in one thread for each ring, which have ended when it returns. Returns how
 * many there were, or -errno: one or more are missing.
 */
int capture_rings_add_missing(struct capture_maps *maps, const bool *online);

/*
 * Likewise for CPUs that have come online. Logs the first error: frames of such a CPU count as lost
 * until a later call succeeds.
 */
void capture_rings_follow_cpus(struct capture_maps *maps, const struct log *log);

/*
 * Take over @fd, the ring of a CPU, from the process that created it, and call ring_made(). On
 * error @fd stays the caller's. 0 or -errno.
 */
int capture_rings_take(struct capture_maps *maps, __u32 cpu, int fd);

#endif
