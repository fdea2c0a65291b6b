// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Uses netlink with an expected program (XDP_FLAGS_REPLACE), or bpf_link_update() with
 * BPF_F_REPLACE.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdbool.h>
#include <stdio.h>

#include "xdp/root_slot.h"
#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "xdp/netdev.h"

int attachment_find(struct attachment *attachment, __u32 ifindex, __u32 id)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err = bpf_xdp_query(ifindex, 0, &query);

	if (err)
		return err;
	if (query.prog_id != id)
		return -ESTALE;
	*attachment = (struct attachment){ .ifindex = ifindex, .mode = query.attach_mode };
	return 0;
}

/* 1: program @id is attached to @ifindex. 0: it is not. -errno: the query failed. */
static int root_slot_has(__u32 ifindex, __u32 id)
{
	__u32 there;
	int err = bpf_xdp_query_id(ifindex, 0, &there);

	if (err)
		return err == -ENODEV ? 0 : err;
	return there == id;
}

/*
 * The kernel returns EEXIST if the expected program is not attached, but also if an interface above
 * has a program of its own. In the second case netlink cannot change or detach the program below.
 */
static int root_slot_swap_by_netlink(const struct attachment *attachment, int old_fd, __u32 old_id,
				     int new_fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old_fd);
	__u32 mode = attachment->mode == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	int there,
		err = bpf_xdp_attach(attachment->ifindex, new_fd, XDP_FLAGS_REPLACE | mode, &opts);

	if (err != -EEXIST)
		return err == -ENOENT ? -ESTALE : err;
	there = root_slot_has(attachment->ifindex, old_id);
	if (there < 0)
		return there;
	return there ? -EEXIST : -ESTALE;
}

static bool root_slot_has_other(int link, __u32 id)
{
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(link, &info, &size) && info.prog_id != id;
}

/*
 * The interface may have moved to another network namespace. The kernel returns EPERM both if the
 * link has another program than expected and if this process has no permission. Confusing the two
 * would leave the user's program unattached.
 */
static int root_slot_swap_by_link(__u32 link_id, int old_fd, __u32 old_id, int new_fd)
{
	LIBBPF_OPTS(bpf_link_update_opts, opts, .flags = BPF_F_REPLACE, .old_prog_fd = old_fd);
	CLEANUP_FD int link = bpf_link_get_fd_by_id(link_id);
	int err;

	if (link < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	if (!bpf_link_update(link, new_fd, &opts))
		return 0;
	err = -errno;
	if (err == -ENOLINK)
		return -ESTALE;
	return err == -EPERM && root_slot_has_other(link, old_id) ? -ESTALE : err;
}

/*
 * A link has the index of its interface, but not its network namespace. The right link is the one
 * whose new program appears on the interface.
 */
static int root_slot_swap_by_some_link(struct attachment *attachment, int old_fd, __u32 old_id,
				       int new_fd, __u32 new_id)
{
	int there = root_slot_has(attachment->ifindex, old_id);
	int err = there < 0 ? there : there ? -EBUSY : -ESTALE;

	for (__u32 id = 0; (id = bpfinfo_xdp_link(id, attachment->ifindex, old_id));) {
		err = root_slot_swap_by_link(id, old_fd, old_id, new_fd);
		if (err)
			continue;
		if (root_slot_has(attachment->ifindex, new_id) > 0) {
			attachment->link_id = id;
			return 0;
		}
		err = root_slot_swap_by_link(id, new_fd, new_id, old_fd);
		/* the new program stays in a wrong link, so it must not be freed */
		if (err)
			break;
		err = -EBUSY;
	}
	return err;
}

int attachment_swap(struct attachment *attachment, int old_fd, int new_fd)
{
	struct bpf_prog_info old, new;
	int err = bpfinfo_program(old_fd, &old, NULL) ?: bpfinfo_program(new_fd, &new, NULL);

	if (err)
		return err;
	if (attachment->link_id)
		return root_slot_swap_by_link(attachment->link_id, old_fd, old.id, new_fd);
	err = root_slot_swap_by_netlink(attachment, old_fd, old.id, new_fd);
	/* attached by a bpf_link */
	if (err == -EBUSY)
		return root_slot_swap_by_some_link(attachment, old_fd, old.id, new_fd, new.id);
	if (err == -EEXIST)
		return err;
	/* the kernel may have made the change although the answer is an error */
	return err && root_slot_has(attachment->ifindex, new.id) > 0 ? 0 : err;
}

int attachment_remove(const struct attachment *attachment, int fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = fd);
	__u32 mode = attachment->mode == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;

	return bpf_xdp_detach(attachment->ifindex, mode, &opts);
}

bool root_slot_explain_blocked(__u32 ifindex, char *why, size_t size)
{
	char names[128];

	netdev_blockers(ifindex, names, sizeof(names));
	snprintf(why, size,
		 "%s, above it, has an XDP program of its own, so the kernel "
		 "refuses to change the program below",
		 *names ? names : "an interface (in another network namespace)");
	return *names;
}

int root_slot_report_blocked(__u32 ifindex, const char *what, const char *then,
			     const struct log *log)
{
	char why[256], name[IF_NAMESIZE] = "";

	if_indextoname(ifindex, name);
	root_slot_explain_blocked(ifindex, why, sizeof(why));
	return log_error(log, -EEXIST, "the program of %s cannot be %s: %s; %s", name, what, why,
			 then);
}
