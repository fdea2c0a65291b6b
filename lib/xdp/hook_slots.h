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
	__u32 point;	      /* whose entries in it go */
	__u32 id[HOOK_SLOTS]; /* the capture's program in each slot, 0: none */
};

/* Do all of them still hold the capture's programs? Also if they cannot be read. */
bool hook_slots_intact(const struct hook_slots *slots);

/* The id of the program in @slot of a hook, 0: it is empty. -errno: that cannot be read now. */
int hook_slots_look(int map_fd, __u32 slot, __u32 *id);

/*
 * Record no more of the interface; empty the slots that still hold the capture's programs, unless
 * other interfaces use them. 0, or -errno: a slot could not be read, or emptied.
 */
int hook_slots_undo(const struct hook_slots *slots);

#endif
