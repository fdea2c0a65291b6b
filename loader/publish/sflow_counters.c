// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the kernel by rtnetlink(7). Counters that Linux does not have are all ones, as sFlow wants
 * it.
 */
#include "publish/sflow_counters.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UNKNOWN 0xffffffff
#define RECEIVE_SIZE (64 * 1024)

/* ifType of the IANA. */
enum { TYPE_OTHER = 1, TYPE_ETHERNET = 6, TYPE_PPP = 23, TYPE_LOOPBACK = 24, TYPE_TUNNEL = 131 };

static int sflow_open_netns(const char *netns)
{
	char path[PATH_MAX];

	if (strchr(netns, '/'))
		return open(netns, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path),
		 netns[strspn(netns, "0123456789")] ? "/run/netns/%s" : "/proc/%s/ns/net", netns);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int sflow_open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

int sflow_counters_open(const char *netns)
{
	int own, other, fd;

	if (!netns)
		return sflow_open_socket();
	own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	other = sflow_open_netns(netns);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNET)) {
		fd = -errno;
	} else {
		fd = sflow_open_socket();
		if (setns(own, CLONE_NEWNET) && fd >= 0) {
			close(fd);
			fd = -errno;
		}
	}
	if (own >= 0)
		close(own);
	if (other >= 0)
		close(other);
	return fd;
}

static __u32 sflow_type(__u16 hardware)
{
	switch (hardware) {
	case ARPHRD_ETHER:
		return TYPE_ETHERNET;
	case ARPHRD_LOOPBACK:
		return TYPE_LOOPBACK;
	case ARPHRD_PPP:
		return TYPE_PPP;
	case ARPHRD_TUNNEL:
	case ARPHRD_TUNNEL6:
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return TYPE_TUNNEL;
	default:
		return TYPE_OTHER;
	}
}

static void sflow_take_stats(struct xdpdrop_sflow_interface *interface, const void *data,
			     size_t size)
{
	struct rtnl_link_stats64 stats = { 0 };

	memcpy(&stats, data, size < sizeof(stats) ? size : sizeof(stats));
	interface->in_octets = stats.rx_bytes;
	if (stats.rx_packets > stats.multicast)
		interface->in_unicast = stats.rx_packets - stats.multicast;
	interface->in_multicast = stats.multicast;
	interface->in_broadcast = UNKNOWN;
	interface->in_discards = stats.rx_dropped;
	interface->in_errors = stats.rx_errors;
	interface->in_unknown = stats.rx_nohandler;
	interface->out_octets = stats.tx_bytes;
	interface->out_unicast = stats.tx_packets;
	interface->out_multicast = UNKNOWN;
	interface->out_broadcast = UNKNOWN;
	interface->out_discards = stats.tx_dropped;
	interface->out_errors = stats.tx_errors;
}

static int sflow_take_link(struct xdpdrop_sflow_interface *interface, const struct nlmsghdr *header)
{
	const struct ifinfomsg *link = NLMSG_DATA(header);
	const struct rtattr *attribute = IFLA_RTA(link);
	int left = IFLA_PAYLOAD(header);
	int err = -ENODATA;

	*interface = (struct xdpdrop_sflow_interface){
		.size = sizeof(*interface),
		.ifindex = link->ifi_index,
		.type = sflow_type(link->ifi_type),
		.admin_up = link->ifi_flags & IFF_UP,
		.oper_up = link->ifi_flags & IFF_RUNNING,
		.promiscuous = link->ifi_flags & IFF_PROMISC,
	};
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type != IFLA_STATS64)
			continue;
		sflow_take_stats(interface, RTA_DATA(attribute), RTA_PAYLOAD(attribute));
		err = 0;
	}
	return err;
}

/* The kernel answers before sendto() returns. recv() is a system call that the sandbox refuses. */
static int sflow_receive(int fd, char *reply, size_t size, __u32 sequence)
{
	struct iovec iov = { .iov_base = reply, .iov_len = size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	const struct nlmsghdr *header = (const void *)reply;
	ssize_t length;

	do {
		length = recvmsg(fd, &message, MSG_DONTWAIT);
		if (length < 0)
			return -errno;
	} while (!NLMSG_OK(header, length) || header->nlmsg_seq != sequence);
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error ?: -EPROTO;
	return header->nlmsg_type == RTM_NEWLINK ? 0 : -EPROTO;
}

int sflow_counters_read(int fd, __u32 ifindex, struct xdpdrop_sflow_interface *interface)
{
	static _Alignas(struct nlmsghdr) char reply[RECEIVE_SIZE];
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = ifindex },
		.link = { .ifi_index = ifindex },
	};
	int err;

	if (sendto(fd, &request, sizeof(request), MSG_DONTWAIT, NULL, 0) < 0)
		return -errno;
	err = sflow_receive(fd, reply, sizeof(reply), ifindex);
	return err ? err : sflow_take_link(interface, (const void *)reply);
}
