/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps and constants of all capture programs. A session creates each map once, and all its
 * programs share it.
 */
#ifndef XDPDROP_MAPS_BPF_H
#define XDPDROP_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "state.h"
#include <xdpdrop/record.h>

struct xdpdrop_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* One ring per possible CPU. Frames of a CPU without a ring count as lost. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct xdpdrop_ring);
} xdpdrop_rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_control);
} xdpdrop_control SEC(".maps");

/* For user space alone: see xdpdrop_sign(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_owner);
} xdpdrop_owner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_counters);
} xdpdrop_counters SEC(".maps");

/* One per possible CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_state);
} xdpdrop_states SEC(".maps");

/* Constants set before loading. The verifier removes branches that they exclude. */
const volatile __u32 cpus;		 /* possible CPUs */
const volatile __u8 has_frags;		 /* frames may have fragments; Linux >= 5.18 */
const volatile __u8 has_unaligned_loads; /* 8-byte loads at any packet offset are allowed */
const volatile __u8 replaying;		 /* enum xdpdrop_replaying */
const volatile __u8 sampling;		 /* sample in the control page is used */
const volatile __u8 timing;		 /* frames are timed */
const volatile __u8 counting;		 /* frames are only counted: there are no rings */
const volatile __u8 matching;		 /* reasons count only frames that match the filter */
const volatile __u64 second;		 /* one second, in parts of a jiffy as the next two */
const volatile __u64 rate_interval;	 /* between two frames of a CPU, 0: no limit */
const volatile __u64 reason_interval;	 /* between two frames of a CPU, capture point and reason */

#endif
