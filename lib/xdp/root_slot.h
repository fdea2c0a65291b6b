/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The root slot of an interface, in which the kernel keeps its XDP program. Replaces the program
 * atomically, and only if the expected one is there.
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
	__u32 link_id; /* id of another process's bpf_link by which it was replaced; 0: none */
};

/* Find how program @id is attached to @ifindex. -ESTALE: it is not. */
int attachment_find(struct attachment *attachment, __u32 ifindex, __u32 id);

/*
 * Replace program @old_fd by @new_fd. Errors: -ESTALE: the slot has another program or none;
 * -EEXIST: unchanged, because an interface above has a program of its own; -ENODEV: no interface;
 * -EINVAL: the new program does not fit. After any other error the state of the slot is unknown.
 * The link is held only for the call, so its owner's death still detaches it.
 */
int attachment_swap(struct attachment *attachment, int old_fd, int new_fd);

/* Detach program @fd if it was attached by netlink. -EBUSY: a bpf_link attaches it. */
int attachment_remove(const struct attachment *attachment, int fd);

/*
 * Explain -EEXIST of attachment_swap() for @ifindex. Returns whether an interface above it with a
 * program of its own is visible; it may be in another network namespace.
 */
bool root_slot_explain_blocked(__u32 ifindex, char *why, size_t size);

/*
 * Log an error: the program of @ifindex cannot be @what, the reason, and the consequence @then.
 * Returns -EEXIST.
 */
int root_slot_report_blocked(__u32 ifindex, const char *what, const char *then,
			     const struct log *log);

#endif
