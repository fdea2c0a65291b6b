/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The root slot of an interface: exchange the program in it for another, atomically, and only
 * if the expected one is there.
 */
#ifndef XDPDROP_XDP_ROOT_SLOT_H
#define XDPDROP_XDP_ROOT_SLOT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

struct attachment {
	__u32 ifindex;
	int mode;      /* XDP_ATTACHED_DRV or XDP_ATTACHED_SKB */
	__u32 link_id; /* the bpf_link, somebody else's, by which it was exchanged; 0: none was */
};

/* How program @id is attached to @ifindex. -ESTALE: it is not. */
int attachment_find(struct attachment *attachment, __u32 ifindex, __u32 id);

/*
 * Replace program @old_fd by @new_fd. Errors: -ESTALE the slot holds something else or nothing,
 * -EEXIST nothing has changed, because an interface above has a program of its own, -ENODEV no
 * interface, -EINVAL the new program does not fit; with any other nobody knows. A link is held only
 * for the call: its owner's death still detaches it.
 */
int attachment_swap(struct attachment *attachment, int old_fd, int new_fd);

/* Leave the slot empty if program @fd is in it by netlink. -EBUSY: a bpf_link holds it there. */
int attachment_remove(const struct attachment *attachment, int fd);

/*
 * Why attachment_swap() gives -EEXIST for @ifindex, in words. Returns whether an interface above it
 * with a program of its own is seen; it may be in another network namespace.
 */
bool root_slot_explain_blocked(__u32 ifindex, char *why, size_t size);

/* Log an error: the program of @ifindex cannot be @what, why, and what happens @then. -EEXIST. */
int root_slot_report_blocked(__u32 ifindex, const char *what, const char *then,
			     const struct log *log);

#endif
