/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The wrapper in an interface's root slot, with the user's program behind it.
 */
#ifndef XDPDROP_XDP_WRAPPER_H
#define XDPDROP_XDP_WRAPPER_H

#include "base/log.h"
#include "bpf/owner.h"
#include "xdp/bpffs.h"
#include "xdp/root_slot.h"

struct wrapper {
	struct attachment attachment;
	int wrapper_fd, target_fd;
	int map_fd; /* the wrapper's map, which the kernel empties with its last user */
	__u32 wrapper_id, target_id;
	char pin[BPFFS_PATH_SIZE]; /* the map's user that outlives us */
};

/*
 * Give the slot back to the user's program, unless somebody else has taken it, and remove the
 * pin. -ESTALE: somebody else had; -EEXIST: the kernel does not allow it now, and the wrapper
 * stays; -ENODEV: the interface has gone. In these cases a pin may be
 * left until the last process that holds the wrapper has closed it: see wrapper_remove_orphans().
 */
int wrapper_undo(struct wrapper *wrap, const struct log *log);

/* It is not attached, and never will be: close it, and unpin it unless somebody else has it. */
void wrapper_abandon(struct wrapper *wrap);

/* Close the descriptors, and change nothing. */
void wrapper_close(struct wrapper *wrap);

/*
 * Is the pin still there? Else make it anew. -errno, logged: it cannot be made, and our death
 * would leave the interface without the user's program.
 */
int wrapper_keep_pin(struct wrapper *wrap, const struct log *log);

/*
 * 1: program @id is a wrapper, of @owner; 0: it is none; -ENOENT: it is, and of no capture that is
 * known; other errors: that cannot be found out.
 */
int wrapper_owner(__u32 id, struct owner *owner);

/* Has wrapper @id lost its program, so that it passes every frame? */
bool wrapper_is_empty(__u32 id);

/*
 * If the root program @id of @ifindex is the wrapper of a dead capture, restore what it wraps.
 * 1: done; 0: not a dead capture's wrapper; -EBUSY: of a live one, whose pid goes to *@pid;
 * -ESTALE: what it wrapped is lost. Other errors are logged.
 */
int wrapper_clean_interface(__u32 ifindex, __u32 id, __u32 *pid, const struct log *log);

/*
 * Remove the pins of wrappers that no longer exist, and of dead captures' wrappers on interfaces
 * that have moved to another network namespace, which get their programs back. How many.
 */
int wrapper_remove_orphans(const struct log *log);

#endif
