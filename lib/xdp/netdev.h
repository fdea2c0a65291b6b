/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What rtnetlink says of interfaces in this network namespace: their kind, and which is above
 * which. Only reads.
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
	__u16 link_type; /* what frames begin with there: see link_type.h */
	char kind[16];	 /* "bond", "vlan" ...; "" for what is made by no type of rtnetlink's */
	__u32 master;	 /* bond, team, bridge ... that it belongs to; 0: none */
	__u32 lower;	 /* for a VLAN or macvlan what is below it; a veth's is its peer */
	bool has_program;
};

/* Read interface @ifindex. -ENODEV: there is none; or another -errno. */
int netdev_read(__u32 ifindex, struct netdev *device);

/* All interfaces. *@devices is the caller's, to be freed; returns how many, or -errno. */
int netdev_list(struct netdev **devices);

/*
 * Has @above a program of its own, and is it directly above @device, so that the kernel refuses
 * each change of @device's program by netlink?
 */
bool netdev_blocks(const struct netdev *above, const struct netdev *device);

/* The names, separated by commas, of interfaces that block @ifindex; "" if none is seen. */
void netdev_blockers(__u32 ifindex, char *names, size_t size);

/* Is @device of a kind on which the kernel takes XDP programs and does not run them? */
bool netdev_is_idle(const struct netdev *device);

#endif
