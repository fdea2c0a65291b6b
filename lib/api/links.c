// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Selects the interfaces whose changes a session follows, and schedules resyncs.
 */
#include <string.h>

#include "api/session.h"
#include "xdp/link_monitor.h"

/* Minimum interval between resyncs, regardless of the number of events. */
#define LOOK_EVERY_NS 50000000ULL

struct links {
	__u32 device[LINK_MONITOR_MAX + 1]; /* one more entry marks too many interfaces */
	unsigned int count;
};

static void links_add(struct links *links, __u32 ifindex)
{
	for (unsigned int i = 0; i < links->count; i++)
		if (links->device[i] == ifindex)
			return;
	if (ifindex && links->count <= LINK_MONITOR_MAX)
		links->device[links->count++] = ifindex;
}

static void links_add_iface(struct links *links, const struct pipeline *pipeline)
{
	links_add(links, pipeline->ifindex);
	links_add(links, pipeline->root_ifindex);
	links_add(links, pipeline->device.master);
	for (unsigned int i = 0; i < pipeline->lower.count; i++)
		links_add(links, pipeline->lower.lower[i].ifindex);
}

void session_links_changed(struct xdpdrop *session)
{
	__u64 earliest = session->last_resync + LOOK_EVERY_NS;

	for (unsigned int i = 0; i < session->iface_count; i++)
		session->ifaces[i].context.pipeline.devices_changed = true;
	if (earliest < session->next_resync)
		session->next_resync = earliest;
}

/* Changes before the kernel had the new filter were not announced. */
void session_choose_links(struct xdpdrop *session)
{
	struct links links = { .count = 0 };

	for (unsigned int i = 0; i < session->iface_count; i++)
		links_add_iface(&links, &session->ifaces[i].context.pipeline);
	if (links.count == session->link_count &&
	    !memcmp(links.device, session->links, links.count * sizeof(links.device[0])))
		return;
	memcpy(session->links, links.device, sizeof(session->links));
	session->link_count = links.count;
	if (session->monitor_fd < 0 ||
	    link_monitor_choose(session->monitor_fd, links.device, links.count))
		return;
	session_links_changed(session);
}
