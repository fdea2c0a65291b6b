/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Reads the interfaces of this network namespace from rtnetlink: their kinds, and which is above
 * which.
 */
#ifndef XDPDROP_XDP_NETDEV_H
#define XDPDROP_XDP_NETDEV_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

struct netdev {
	__u32 ifindex;
	char name[IF_NAMESIZE];
	__u16 link_type; /* link-layer header of its frames: see link_type.h */
	char kind[16];	 /* "bond", "vlan" and so on; "" for interfaces without an rtnetlink kind */
	__u32 master;	 /* index of its bond, team or bridge; 0: none */
	__u32 lower;	 /* index of the interface below a VLAN or macvlan; for a veth its peer */
	bool has_program;
};

/* Read interface @ifindex. Errors: -ENODEV: there is none; others. */
int netdev_read(__u32 ifindex, struct netdev *device);

/* Read all interfaces. *@devices is to be freed by the caller. Returns their number, or -errno. */
int netdev_list(struct netdev **devices);

/*
 * Has @above an XDP program, and is it directly above @device? Then the kernel refuses each change
 * of @device's program by netlink.
 */
bool netdev_blocks(const struct netdev *above, const struct netdev *device);

/* The comma-separated names of interfaces that block @ifindex; "" if none is visible. */
void netdev_blockers(__u32 ifindex, char *names, size_t size);

/* Is @device of a kind on which the kernel accepts XDP programs but does not run them? */
bool netdev_is_idle(const struct netdev *device);

/*
 * Is it of a kind that gives frames of the interfaces below it to the stack without running XDP
 * programs over them?
 */
bool netdev_is_passed_by(const struct netdev *device);

#endif
