// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An interface with a native program and slaves hands the program down to the slaves. A master that
 * does not, such as a bridge, accepts only generic programs.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "base/cleanup.h"
#include "xdp/lower.h"
#include "xdp/netdev.h"

/* Maximum number of levels of interfaces in the kernel (MAX_NEST_DEV). */
#define MAX_LEVELS 8

static void lower_add(struct lower_set *set, const struct netdev *device)
{
	struct lower *lower = &set->lower[set->count];

	if (set->count == XDPDROP_MAX_LOWER) {
		if (!set->left_out++)
			memcpy(set->left_out_name, device->name, sizeof(set->left_out_name));
		return;
	}
	lower->ifindex = device->ifindex;
	memcpy(lower->name, device->name, sizeof(lower->name));
	set->count++;
}

static void lower_add_slaves(struct lower_set *set, __u32 master, const struct netdev *devices,
			     int count)
{
	for (int i = 0; i < count; i++)
		if (devices[i].master == master && !lower_find(set, devices[i].ifindex))
			lower_add(set, &devices[i]);
}

int lower_read(struct lower_set *set, __u32 ifindex)
{
	CLEANUP_FREE struct netdev *devices = NULL;
	int count = netdev_list(&devices);

	if (count < 0)
		return count;
	*set = (struct lower_set){ 0 };
	lower_add_slaves(set, ifindex, devices, count);
	/* the set grows during the loop */
	for (unsigned int i = 0; i < set->count; i++)
		lower_add_slaves(set, set->lower[i].ifindex, devices, count);
	return 0;
}

const struct lower *lower_find(const struct lower_set *set, __u32 ifindex)
{
	for (unsigned int i = 0; i < set->count; i++)
		if (set->lower[i].ifindex == ifindex)
			return &set->lower[i];
	return NULL;
}

/* A missing upper device is no answer about the device below it: the caller asks again. */
static int lower_error(int err)
{
	return err == -ENODEV ? -EAGAIN : err;
}

int lower_find_owner(__u32 ifindex, __u32 *owner, char name[IF_NAMESIZE])
{
	struct netdev device;

	*owner = 0;
	for (int level = 0; level < MAX_LEVELS; level++) {
		LIBBPF_OPTS(bpf_xdp_query_opts, query);
		int err = netdev_read(ifindex, &device);

		if (err)
			return level ? lower_error(err) : err;
		if (!device.master)
			return 0;
		ifindex = device.master;
		err = bpf_xdp_query(ifindex, 0, &query);
		if (err)
			return lower_error(err);
		if (query.attach_mode == XDP_ATTACHED_NONE)
			continue;
		if (query.attach_mode == XDP_ATTACHED_DRV && if_indextoname(ifindex, name))
			*owner = ifindex;
		return 0;
	}
	return 0;
}
