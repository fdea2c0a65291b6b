// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An rtnetlink socket in the group of link messages. Attaching by netlink is announced there,
 * attaching by bpf_link is not: whoever needs that looks from time to time as well.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "xdp/link_monitor.h"

int link_monitor_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	CLEANUP_FD int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return take_fd(&fd);
}

bool link_monitor_read(int fd)
{
	bool any = false;
	char message[8192];

	/* ENOBUFS: messages were lost, which is news too */
	while (recv(fd, message, sizeof(message), 0) >= 0 || errno == ENOBUFS)
		any = true;
	return any;
}
