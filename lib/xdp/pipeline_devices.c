// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A program that is attached natively to a bond runs on its slaves. For these the kernel then
 * reports no program.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "xdp/pipeline_devices.h"

const char *pipeline_mode_name(int mode)
{
	switch (mode) {
	case XDP_ATTACHED_DRV:
		return "native";
	case XDP_ATTACHED_SKB:
		return "generic";
	case XDP_ATTACHED_HW:
		return "offloaded";
	case XDP_ATTACHED_MULTI:
		return "several modes";
	}
	return "none";
}

/* Query the program of the interface, or of the one above it. */
static int pipeline_devices_query(struct pipeline *pipeline)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err = bpf_xdp_query(pipeline->ifindex, 0, &query);

	if (err)
		return err;
	pipeline->root_ifindex = pipeline->ifindex;
	memcpy(pipeline->root_ifname, pipeline->ifname, sizeof(pipeline->root_ifname));
	if (query.attach_mode == XDP_ATTACHED_NONE) {
		__u32 owner;

		err = lower_find_owner(pipeline->ifindex, &owner, pipeline->root_ifname);
		if (err)
			return err;
		err = owner ? bpf_xdp_query(owner, 0, &query) : 0;
		/* the one above has gone, not this one */
		if (err == -ENODEV)
			err = -EAGAIN;
		pipeline->root_ifindex = owner ? owner : pipeline->ifindex;
	}
	pipeline->mode = query.attach_mode;
	pipeline->root_id = query.prog_id     ? query.prog_id :
			    query.drv_prog_id ? query.drv_prog_id :
						query.skb_prog_id;
	if (query.hw_prog_id != pipeline->root_id)
		pipeline->offloaded_id = query.hw_prog_id;
	return err;
}

bool pipeline_root_was_replaced(const struct pipeline *pipeline)
{
	struct pipeline now = { .ifindex = pipeline->ifindex };

	return !pipeline_devices_query(&now) && now.root_id != pipeline->root_id;
}

int pipeline_read_devices(struct pipeline *pipeline, const struct pipeline *last)
{
	bool same = last->ifindex == pipeline->ifindex, known = same && !last->devices_changed;
	int err = pipeline_devices_query(pipeline);

	if (err)
		return err;
	pipeline->device = last->device;
	pipeline->devices_read = !known;
	err = known ? 0 : netdev_read(pipeline->ifindex, &pipeline->device);
	/* on error the old data is kept, and read again next time */
	if (err && !same)
		return err;
	if (known && last->mode == pipeline->mode && last->root_ifindex == pipeline->root_ifindex)
		pipeline->lower = last->lower;
	else if (pipeline->mode == XDP_ATTACHED_DRV && !pipeline_is_lower(pipeline))
		err = lower_read(&pipeline->lower, pipeline->ifindex) ?: err;
	pipeline->devices_changed = err;
	return same ? 0 : err;
}

void pipeline_keep_devices(struct pipeline *pipeline, const struct pipeline *last)
{
	pipeline->device = last->device;
	pipeline->lower = last->lower;
	pipeline->devices_changed = true;
}

unsigned int pipeline_devices(const struct pipeline *pipeline, __u32 devices[XDPDROP_MAX_DEVICES])
{
	unsigned int count = 0;

	devices[count++] = pipeline->ifindex;
	for (unsigned int i = 0; i < pipeline->lower.count; i++)
		devices[count++] = pipeline->lower.lower[i].ifindex;
	return count;
}

bool pipeline_is_lower(const struct pipeline *pipeline)
{
	return pipeline->root_ifindex != pipeline->ifindex;
}
