/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Attaching beside other programs, and detaching again, as libxdp and its dispatcher do it.
 */
#ifndef XDPDROP_XDP_DISPATCHER_H
#define XDPDROP_XDP_DISPATCHER_H

#include <linux/types.h>
#include <xdp/libxdp.h>

#include "base/log.h"

/*
 * Attach to @ifindex; what the kernel refuses because somebody else attaches at the same moment
 * is tried again. 0 or libxdp's error.
 */
int dispatcher_attach(struct xdp_program *program, int ifindex, enum xdp_attach_mode mode);

/*
 * Tell libxdp what the section of an opened program says of fragments, which it does not always
 * find out: one member that it takes for one without makes the whole dispatcher such.
 */
void dispatcher_set_frags(struct xdp_program *program);

/*
 * Detach program @id, or with 0 one whose name begins with "xdpdrop_". Errors: -ENOENT there is
 * none, -ENODEV; libxdp's.
 */
int dispatcher_detach(int ifindex, __u32 id);

/* How to attach a program so that it becomes a particular member. */
struct dispatcher_gap {
	enum xdp_attach_mode mode;
	unsigned int prio; /* libxdp's run_prio */
};

/*
 * Where a program called @name has to go to run directly before member @id. Errors: -ENOENT no
 * dispatcher with that member; -ENOSPC no priority leads there; libxdp's.
 */
int dispatcher_find_gap(int ifindex, const char *name, __u32 id, struct dispatcher_gap *gap);

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

/*
 * Read the members of the dispatcher @id, which is attached to members->ifindex. libxdp finds them
 * by pins, which it may not see from here; then the links of the kernel lead to them (since Linux
 * 5.13). 0 or -errno, -ENOENT: none found.
 */
int dispatcher_members_read(struct dispatcher_members *members, __u32 id, const struct log *log);

#endif
