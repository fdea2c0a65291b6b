/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The slots of one hook that a capture uses for one interface, and how they are emptied.
 */
#ifndef XDPDROP_XDP_HOOK_SLOTS_H
#define XDPDROP_XDP_HOOK_SLOTS_H

#include <linux/types.h>
#include <stdbool.h>

#define HOOK_SLOTS 5

struct hook_slots {
	int map_fd;	      /* the hook */
	int ifaces_fd;	      /* the programs' shared table of interfaces; -1: none */
	__u32 point;	      /* the capture point whose entries are removed from it */
	__u32 id[HOOK_SLOTS]; /* id of the capture's program in each slot, 0: none */
};

/* Do all slots still hold the capture's programs? True also if they cannot be read. */
bool hook_slots_intact(const struct hook_slots *slots);

/*
 * Read the id of the program in @slot of a hook; 0: the slot is empty. -errno: it cannot be read
 * now.
 */
int hook_slots_look(int map_fd, __u32 slot, __u32 *id);

/*
 * Stop recording the interface. Empty the slots that still hold the capture's programs, unless
 * other interfaces use them. 0, or -errno: a slot could not be read or emptied.
 */
int hook_slots_undo(const struct hook_slots *slots);

#endif
