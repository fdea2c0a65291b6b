/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What one hook has of a capture for one interface, and how that is taken out again.
 */
#ifndef XDPDROP_XDP_HOOK_SLOTS_H
#define XDPDROP_XDP_HOOK_SLOTS_H

#include <linux/types.h>
#include <stdbool.h>

#define HOOK_SLOTS 5

struct hook_slots {
	int map_fd;	      /* the hook */
	int ifaces_fd;	      /* table of interfaces that the programs share; -1: none */
	__u32 ifindex;	      /* the interface's entry in it */
	__u32 id[HOOK_SLOTS]; /* the capture's program in each slot, 0: none */
};

/* Does slot number @slot hold the capture's program? Also if it cannot be read. */
bool hook_slots_has(const struct hook_slots *slots, __u32 slot);

/*
 * Record no more of the interface; empty the slots that still hold the capture's programs, unless
 * other interfaces use them.
 */
void hook_slots_undo(const struct hook_slots *slots);

#endif
