/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which interfaces a tracing program records: what it traces may run on others, too, and on those
 * of other network namespaces.
 */
#ifndef XDPDROP_CAPTURED_BPF_H
#define XDPDROP_CAPTURED_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "control.h"
#include "device.bpf.h"

const volatile __u32 ifindex; /* the interface that is captured */
const volatile __u32 netns;   /* inode of its network namespace */

/* Those below it on which the kernel runs its program. Changes while we are attached. */
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
