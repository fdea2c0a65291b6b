// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The interfaces recorded by a hook's programs, and whether the filter suits them.
 */
#include <errno.h>

#include "bpf/iface_map.h"
#include "tap/hook.h"
#include "xdp/pipeline_devices.h"

int hook_follow_devices(const struct tap_context *context, const struct hook *hook)
{
	__u32 devices[XDPDROP_MAX_DEVICES];
	unsigned int count = pipeline_devices(&context->pipeline, devices);

	return iface_map_put(hook->ifaces_fd, hook->point, devices, count);
}

int hook_check_filter(const struct tap_context *context, const struct hook *hook)
{
	const struct filter_set *filters = context->filters;

	if (!filters->used || iface_map_link_type(hook->ifaces_fd) == filters->link_type)
		return 0;
	return log_error(context->log, -EINVAL,
			 "hook %s (map id %u) is shared by interfaces with different link "
			 "types, and a filter suits only one of these: leave out the filter, "
			 "or name one interface at a time",
			 hook->info.name, hook->info.map_id);
}
