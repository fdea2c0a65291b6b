/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The wrapper: a program that tap wrap attaches to an interface in place of the user's program, the
 * target, which it runs.
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
	int map_fd; /* the wrapper's map, which the kernel empties when its last user is gone */
	__u32 wrapper_id, target_id;
	char pin[BPFFS_PATH_SIZE]; /* pin of the map, which outlives this process */
};

#define WRAPPER_NONE ((struct wrapper){ .wrapper_fd = -1, .target_fd = -1, .map_fd = -1 })

/*
 * Attach the target again, unless another process has replaced the wrapper, and remove the pin.
 * Errors: -ESTALE: the wrapper was replaced; -EEXIST: the kernel does not allow it now, and the
 * wrapper stays; -ENODEV: the interface does not exist. Then a pin may be left until the last
 * process that holds the wrapper closes it: see wrapper_remove_orphans().
 */
int wrapper_undo(struct wrapper *wrap, const struct log *log);

/*
 * The wrapper is not attached, and will not be: close it, and unpin it unless another process holds
 * it.
 */
void wrapper_abandon(struct wrapper *wrap);

/* Close the descriptors; nothing else changes. */
void wrapper_close(struct wrapper *wrap);

/*
 * Pin the map again if its pin is gone. -errno, logged: that failed, and the death of this process
 * would leave the interface without the target.
 */
int wrapper_keep_pin(struct wrapper *wrap, const struct log *log);

/*
 * 1: program @id is a wrapper, and @owner is set. 0: it is not a wrapper. -ENOENT: it is a wrapper
 * without a known owner. Other errors: the query failed.
 */
int wrapper_owner(__u32 id, struct owner *owner);

/* Has wrapper @id lost its target? Then it passes every frame. */
bool wrapper_is_empty(__u32 id);

/*
 * If the root program @id of @ifindex is the wrapper of a dead session, attach its target again.
 * Returns 1: done; 0: it is not one; -EBUSY: its capture is alive, with pid *@pid; -ESTALE: the
 * target is lost. Other errors are logged.
 */
int wrapper_clean_interface(__u32 ifindex, __u32 id, __u32 *pid, const struct log *log);

/*
 * Remove the pins of wrappers that no longer exist. Attach the targets of dead sessions' wrappers
 * on interfaces that have moved to another network namespace. Returns the number of removed pins.
 */
int wrapper_remove_orphans(const struct log *log);

#endif
