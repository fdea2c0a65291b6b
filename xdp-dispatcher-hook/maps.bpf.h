/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The maps and constants of all capture programs. A session creates each map once, and all its
 * programs share it.
 */
#ifndef XDPDROP_MAPS_BPF_H
#define XDPDROP_MAPS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "program_constants.h"
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

/* The value of a map of one entry, as the table of interfaces: its address is no lookup. */
struct xdpdrop_control xdpdrop_control SEC(".data.control");

/* For user space alone: see xdpdrop_sign(). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_owner);
} xdpdrop_owner SEC(".maps");

/* One per possible CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct xdpdrop_state);
} xdpdrop_states SEC(".maps");

/*
 * A field of struct xdpdrop_constants. Like the constants below it is set before loading, and the
 * verifier removes branches that it excludes.
 */
#define xdpdrop_constant(field)                                                                    \
	({                                                                                         \
		__u64 xdpdrop_value;                                                               \
		asm volatile(                                                                      \
			"%[value] = %[mark]"                                                       \
			: [value] "=r"(xdpdrop_value)                                              \
			: [mark] "i"(XDPDROP_CONSTANT_MARK +                                       \
				     __builtin_offsetof(struct xdpdrop_constants, field) / 4));    \
		xdpdrop_value;                                                                     \
	})

const volatile __u64 second;	      /* one second, in parts of a jiffy as the next two */
const volatile __u64 rate_interval;   /* between two frames of a CPU, 0: no limit */
const volatile __u64 reason_interval; /* between two frames of a CPU, capture point and reason */

#endif
