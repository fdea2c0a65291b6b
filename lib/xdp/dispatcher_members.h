/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The members of a dispatcher, as libxdp and others make them: programs that replace the functions
 * of the program that is attached. Only reads.
 */
#ifndef XDPDROP_XDP_DISPATCHER_MEMBERS_H
#define XDPDROP_XDP_DISPATCHER_MEMBERS_H

#include <linux/types.h>

#include "base/log.h"

#define DISPATCHER_MAX_MEMBERS 10 /* that a dispatcher has room for */

struct dispatcher_member {
	__u32 id;
	__u32 chain; /* bit n: after verdict n the dispatcher goes on; 0 for one in its place */
};

struct dispatcher_members {
	__u32 ifindex;
	unsigned int count;
	struct dispatcher_member
		member[DISPATCHER_MAX_MEMBERS]; /* in the order in which they run */
};

/* 1: program @id is a dispatcher; 0: it is not; -errno: that cannot be found out. */
int dispatcher_members_is_dispatcher(__u32 id);

/*
 * Read the members of the dispatcher @id, which is attached to members->ifindex. The links of the
 * kernel lead to them (since Linux 5.13), or libxdp, by pins, which it may not see from here.
 * 0; -ENOENT: none found; another error: that cannot be found out.
 */
int dispatcher_members_read(struct dispatcher_members *members, __u32 id, const struct log *log);

#endif
