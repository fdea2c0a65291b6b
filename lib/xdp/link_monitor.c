// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An rtnetlink socket in the group of link messages. The kernel announces programs attached by
 * netlink there, but not programs attached by bpf_link. These need regular checks as well. On
 * machines with many containers interfaces are created and deleted all the time, so a socket filter
 * selects messages.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "xdp/link_monitor.h"

#define AT_LINK NLMSG_HDRLEN
#define AT_INDEX (AT_LINK + offsetof(struct ifinfomsg, ifi_index))
#define AT_ATTRIBUTES (AT_LINK + NLMSG_ALIGN(sizeof(struct ifinfomsg)))

/* For each of the three fields with an interface index: a comparison with each interface. */
#define FILTER_MAX (3 * (LINK_MONITOR_MAX + 8))

struct monitor_filter {
	struct sock_filter code[FILTER_MAX];
	unsigned int count;
};

int link_monitor_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	CLEANUP_FD int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return take_fd(&fd);
}

static void link_monitor_add(struct monitor_filter *filter, __u16 code, __u8 jt, __u8 jf, __u32 k)
{
	filter->code[filter->count++] = (struct sock_filter){ code, jt, jf, k };
}

/* Accept if the loaded index, which classic BPF reads as big-endian, is one of @devices. */
static void link_monitor_compare(struct monitor_filter *filter, const __u32 *devices,
				 unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		link_monitor_add(filter, BPF_JMP | BPF_JEQ | BPF_K, count - i, 0,
				 htonl(devices[i]));
	/* no match: skip the next instruction */
	link_monitor_add(filter, BPF_JMP | BPF_JA, 0, 0, 1);
	link_monitor_add(filter, BPF_RET | BPF_K, 0, 0, ~0U);
}

/* The kernel's ancillary load SKF_AD_NLATTR returns the offset of an attribute, or 0. */
static void link_monitor_compare_attribute(struct monitor_filter *filter, __u32 attribute,
					   const __u32 *devices, unsigned int count)
{
	link_monitor_add(filter, BPF_LDX | BPF_W | BPF_IMM, 0, 0, attribute);
	link_monitor_add(filter, BPF_LD | BPF_W | BPF_IMM, 0, 0, AT_ATTRIBUTES);
	link_monitor_add(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, SKF_AD_OFF + SKF_AD_NLATTR);
	/* no attribute: skip its load and the comparison */
	link_monitor_add(filter, BPF_JMP | BPF_JEQ | BPF_K, count + 4, 0, 0);
	link_monitor_add(filter, BPF_MISC | BPF_TAX, 0, 0, 0);
	link_monitor_add(filter, BPF_LD | BPF_W | BPF_IND, 0, 0, sizeof(struct rtattr));
	link_monitor_compare(filter, devices, count);
}

int link_monitor_choose(int fd, const __u32 *devices, unsigned int count)
{
	struct monitor_filter filter = { .count = 0 };
	struct sock_fprog program = { .filter = filter.code };
	int none = 0;

	if (count > LINK_MONITOR_MAX)
		return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) &&
				       errno != ENOENT ?
			       -errno :
			       0;
	link_monitor_add(&filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, AT_INDEX);
	link_monitor_compare(&filter, devices, count);
	link_monitor_compare_attribute(&filter, IFLA_MASTER, devices, count);
	link_monitor_compare_attribute(&filter, IFLA_LINK, devices, count);
	link_monitor_add(&filter, BPF_RET | BPF_K, 0, 0, 0);
	program.len = filter.count;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

bool link_monitor_read(int fd)
{
	bool any = false;
	char message[8192];

	/* ENOBUFS: messages were lost, so an interface has changed */
	while (recv(fd, message, sizeof(message), 0) >= 0 || errno == ENOBUFS)
		any = true;
	return any;
}
