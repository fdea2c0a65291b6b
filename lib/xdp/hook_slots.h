/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The slots of one hook that a capture uses for one interface, and how they are emptied.
 */
#ifndef XDPDROP_XDP_HOOK_SLOTS_H
#define XDPDROP_XDP_HOOK_SLOTS_H

#include "xdp/hook_chain.h"

struct hook_slots {
	int map_fd;	      /* the hook */
	int ifaces_fd;	      /* the programs' shared table of interfaces; -1: none */
	__u32 point;	      /* the capture point whose entries are removed from it */
	__u32 id[HOOK_SLOTS]; /* id of the capture's program in each slot, 0: none */
	struct hook_chain chain;
};

/*
 * Do the chains in all slots still lead to the capture's programs? True also if they cannot be
 * read.
 */
bool hook_slots_intact(const struct hook_slots *slots);

/*
 * Stop recording the interface. Remove the capture's programs from the slots, unless other
 * interfaces use them: the programs of captures behind it take their places. 0, or -errno: a slot
 * could not be read or changed. The lock is held.
 */
int hook_slots_undo(const struct hook_slots *slots);

/*
 * The same for many hooks at once: the kernel waits for an RCU grace period for each slot that it
 * empties, because programs jump directly to the program in it. Sets @errors, one for each hook.
 */
void hook_slots_undo_all(const struct hook_slots *slots, int *errors, unsigned int count);

#endif
