/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Lower interfaces: those on which the kernel runs a program that is attached natively to the
 * interface above them, such as the slaves of a bond or the virtual function behind an hv_netvsc.
 */
#ifndef XDPDROP_XDP_LOWER_H
#define XDPDROP_XDP_LOWER_H

#include <linux/types.h>
#include <net/if.h>

#include "control.h"

struct lower_set {
	unsigned int count;
	unsigned int left_out;		 /* beyond XDPDROP_MAX_LOWER */
	char left_out_name[IF_NAMESIZE]; /* name of the first of these */
	struct lower {
		__u32 ifindex;
		char name[IF_NAMESIZE];
	} lower[XDPDROP_MAX_LOWER];
};

/* Read the interfaces below @ifindex, on all levels. 0 or -errno. */
int lower_read(struct lower_set *set, __u32 ifindex);

/* The entry of @ifindex, or NULL. */
const struct lower *lower_find(const struct lower_set *set, __u32 ifindex);

/*
 * Find the interface above @ifindex whose native program the kernel runs on @ifindex. Sets *@owner
 * to its index, or to 0 without such an interface, and @name. Returns 0 or the query's -errno.
 */
int lower_find_owner(__u32 ifindex, __u32 *owner, char name[IF_NAMESIZE]);

#endif
