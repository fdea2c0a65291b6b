// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Netlink with an expected program (XDP_FLAGS_REPLACE), or bpf_link_update() with BPF_F_REPLACE.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdbool.h>

#include "attach.h"
#include "bpfinfo.h"
#include "cleanup.h"

int attachment_find(struct attachment *attachment, __u32 ifindex, __u32 id)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err = bpf_xdp_query(ifindex, 0, &query);

	if (err)
		return err;
	if (query.prog_id != id)
		return -ESTALE;
	*attachment = (struct attachment){ .ifindex = ifindex,
					   .mode = query.attach_mode,
					   .link_id = bpfinfo_xdp_link(ifindex, id) };
	return 0;
}

static int swap_by_netlink(const struct attachment *attachment, int old_fd, int new_fd)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts, .old_prog_fd = old_fd);
	__u32 mode = attachment->mode == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;

	return bpf_xdp_attach(attachment->ifindex, new_fd, XDP_FLAGS_REPLACE | mode, &opts);
}

/* The interface may have another number by now, or be in another network namespace. */
static int swap_by_link(const struct attachment *attachment, int old_fd, int new_fd)
{
	LIBBPF_OPTS(bpf_link_update_opts, opts, .flags = BPF_F_REPLACE, .old_prog_fd = old_fd);
	CLEANUP_FD int link = bpf_link_get_fd_by_id(attachment->link_id);

	if (link < 0)
		return -ESTALE;
	return bpf_link_update(link, new_fd, &opts) ? -errno : 0;
}

int attachment_swap(const struct attachment *attachment, int old_fd, int new_fd)
{
	int err = attachment->link_id ? swap_by_link(attachment, old_fd, new_fd) :
					swap_by_netlink(attachment, old_fd, new_fd);

	/* what the kernel says when the expected program is not, or no longer, there */
	if (err == -EEXIST || err == -ENOENT || err == -ENOLINK)
		return -ESTALE;
	return err == -EPERM && attachment->link_id ? -ESTALE : err;
}
