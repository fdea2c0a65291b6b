/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The programs of libxdp's dispatcher on an interface: attaches and detaches them, and reads the
 * members. A member is a program that replaces one of the dispatcher's functions.
 */
#ifndef XDPDROP_XDP_DISPATCHER_H
#define XDPDROP_XDP_DISPATCHER_H

#include <linux/types.h>
#include <xdp/libxdp.h>

#include "base/log.h"

/*
 * Attach @program to @ifindex. Tries again if another process attaches at the same moment. 0 or
 * libxdp's error.
 */
int dispatcher_attach(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode);

/*
 * Set libxdp's frags support of an opened program from its section name, which libxdp does not
 * always do. One member without frags support disables it for the whole dispatcher.
 */
void dispatcher_set_frags(struct xdp_program *program);

/*
 * Detach program @id, or if it is 0 a program whose name begins with "xdpdrop_". Errors: -ENOENT:
 * there is none; -ENODEV; libxdp's.
 */
int dispatcher_detach(int ifindex, __u32 id);

/* How to attach a program at a certain place among the members. */
struct dispatcher_gap {
	enum xdp_attach_mode mode;
	unsigned int prio; /* libxdp's run_prio */
};

/*
 * Find how program @name has to be attached to run directly before member @id. Errors: -ENOENT: no
 * dispatcher with that member; -ENOSPC: no run priority leads to that place; libxdp's.
 */
int dispatcher_find_gap(int ifindex, const char *name, __u32 id, struct dispatcher_gap *gap);

#define DISPATCHER_MAX_MEMBERS 10 /* maximum number of members of a dispatcher */

struct dispatcher_member {
	__u32 id;
	__u32 chain; /* bit n: after verdict n the next member runs; 0 for a single member */
};

struct dispatcher_members {
	__u32 ifindex;
	unsigned int count;
	struct dispatcher_member member[DISPATCHER_MAX_MEMBERS]; /* in run order */
};

/* 1: program @id is a dispatcher; 0: it is not; -errno: unknown. */
int dispatcher_members_is_dispatcher(__u32 id);

/*
 * Read the members of dispatcher @id, which is attached to members->ifindex. The kernel's links
 * lead to them (since Linux 5.13); otherwise libxdp, by pins, which may be invisible to this
 * process. 0; -ENOENT: none found; another error: unknown.
 */
int dispatcher_members_read(struct dispatcher_members *members, __u32 id, const struct log *log);

#endif
