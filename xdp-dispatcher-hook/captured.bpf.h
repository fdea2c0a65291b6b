/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interfaces that a tracing program records. The traced program may also run on others,
 * including other network namespaces.
 */
#ifndef XDPDROP_CAPTURED_BPF_H
#define XDPDROP_CAPTURED_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "control.h"
#include "device.bpf.h"

const volatile __u32 ifindex; /* index of the captured interface */
const volatile __u32 netns;   /* inode of its network namespace */

/* Lower interfaces on which the kernel runs its program. Changes while the program is attached. */
volatile __u32 lower[XDPDROP_MAX_LOWER], lower_count;

static __always_inline int xdpdrop_is_captured(__u32 device, __u32 device_netns)
{
	if (device_netns != netns)
		return 0;
	if (device == ifindex)
		return 1;
	for (__u32 i = 0; i < XDPDROP_MAX_LOWER; i++) {
		if (i >= lower_count)
			break;
		if (lower[i] == device)
			return 1;
	}
	return 0;
}

#endif
