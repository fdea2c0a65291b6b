// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Sends RTM_GETLINK for one interface or for all.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "xdp/link_type.h"
#include "xdp/netdev.h"

/* Maximum length of one part of a dump. */
#define ANSWER_BYTES 65536
/*
 * Attempts at a dump while interfaces come and go, so that it may leave out others. The last one is
 * taken as it is: the link monitor reports changes.
 */
#define DUMPS 5

struct netdev_request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	struct rtattr filter;
	__u32 mask;
};

struct netdev_answer {
	struct netdev *devices;
	size_t count;
	bool interrupted; /* other interfaces came or went meanwhile */
};

static void netdev_copy(char *text, size_t size, const struct rtattr *attribute)
{
	size_t length = strnlen(RTA_DATA(attribute), RTA_PAYLOAD(attribute));

	if (length >= size)
		length = size - 1;
	memcpy(text, RTA_DATA(attribute), length);
	text[length] = '\0';
}

static __u32 netdev_number(const struct rtattr *attribute)
{
	__u32 number = 0;

	if (RTA_PAYLOAD(attribute) >= sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

/* The attribute @type in @nest, or NULL. */
static const struct rtattr *netdev_find(const struct rtattr *nest, __u16 type)
{
	const struct rtattr *one = RTA_DATA(nest);
	int left = RTA_PAYLOAD(nest);

	for (; RTA_OK(one, left); one = RTA_NEXT(one, left))
		if ((one->rta_type & NLA_TYPE_MASK) == type)
			return one;
	return NULL;
}

static bool netdev_is_attached(const struct rtattr *xdp)
{
	const struct rtattr *attached = netdev_find(xdp, IFLA_XDP_ATTACHED);

	return attached && RTA_PAYLOAD(attached) && *(const __u8 *)RTA_DATA(attached);
}

static void netdev_take(struct netdev *device, const struct rtattr *attribute, bool *elsewhere)
{
	const struct rtattr *kind;

	switch (attribute->rta_type & NLA_TYPE_MASK) {
	case IFLA_IFNAME:
		netdev_copy(device->name, sizeof(device->name), attribute);
		break;
	case IFLA_MASTER:
		device->master = netdev_number(attribute);
		break;
	case IFLA_LINK:
		device->lower = netdev_number(attribute);
		break;
	case IFLA_LINK_NETNSID:
		*elsewhere = true;
		break;
	case IFLA_XDP:
		device->has_program = netdev_is_attached(attribute);
		break;
	case IFLA_LINKINFO:
		kind = netdev_find(attribute, IFLA_INFO_KIND);
		if (kind)
			netdev_copy(device->kind, sizeof(device->kind), kind);
		break;
	}
}

static void netdev_parse(struct netdev *device, const struct nlmsghdr *message)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);
	const struct rtattr *one = IFLA_RTA(link);
	int left = IFLA_PAYLOAD(message);
	bool elsewhere = false;

	*device = (struct netdev){ .ifindex = link->ifi_index,
				   .link_type = link_type_of(link->ifi_type) };
	for (; RTA_OK(one, left); one = RTA_NEXT(one, left))
		netdev_take(device, one, &elsewhere);
	/* the index is one of another network namespace */
	if (elsewhere)
		device->lower = 0;
}

static int netdev_add(struct netdev_answer *answer, const struct nlmsghdr *message)
{
	if (!ARRAY_GROW(answer->devices, answer->count))
		return -ENOMEM;
	netdev_parse(&answer->devices[answer->count++], message);
	return 0;
}

/* 1: more messages follow; 0: the last message; -errno. */
static int netdev_take_message(struct netdev_answer *answer, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = NLMSG_DATA(message);
	int err;

	answer->interrupted |= !!(message->nlmsg_flags & NLM_F_DUMP_INTR);
	if (message->nlmsg_type == NLMSG_ERROR)
		return error->error;
	/* its first field is that of an error, too */
	if (message->nlmsg_type == NLMSG_DONE)
		return message->nlmsg_len < NLMSG_LENGTH(sizeof(error->error)) ? 0 : error->error;
	err = message->nlmsg_type == RTM_NEWLINK ? netdev_add(answer, message) : 0;
	return err ? err : !!(message->nlmsg_flags & NLM_F_MULTI);
}

static int netdev_receive(int fd, struct netdev_answer *answer)
{
	CLEANUP_FREE char *buffer = malloc(ANSWER_BYTES);
	int more = buffer ? 1 : -ENOMEM;

	while (more > 0) {
		ssize_t bytes = recv(fd, buffer, ANSWER_BYTES, 0);
		const struct nlmsghdr *message = (void *)buffer;

		if (bytes < 0 && errno != EINTR)
			return -errno;
		for (; bytes > 0 && more > 0 && NLMSG_OK(message, bytes);
		     message = NLMSG_NEXT(message, bytes))
			more = netdev_take_message(answer, message);
	}
	return more;
}

/* Statistics, the largest part of an answer, are not requested. */
static int netdev_ask(__u32 ifindex, struct netdev_answer *answer)
{
	const struct netdev_request request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = RTM_GETLINK,
			    .nlmsg_flags = NLM_F_REQUEST | (ifindex ? 0 : NLM_F_DUMP) },
		.link = { .ifi_family = AF_UNSPEC, .ifi_index = ifindex },
		.filter = { .rta_len = RTA_LENGTH(sizeof(request.mask)),
			    .rta_type = IFLA_EXT_MASK },
		.mask = RTEXT_FILTER_SKIP_STATS,
	};
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	return netdev_receive(fd, answer);
}

int netdev_read(__u32 ifindex, struct netdev *device)
{
	struct netdev_answer answer = { 0 };
	int err = netdev_ask(ifindex, &answer);

	if (!err && !answer.count)
		err = -ENODEV;
	if (!err)
		*device = answer.devices[0];
	free(answer.devices);
	return err;
}

int netdev_list(struct netdev **devices)
{
	struct netdev_answer answer;
	int err, dumps = 0;

	do {
		answer = (struct netdev_answer){ 0 };
		err = netdev_ask(0, &answer);
		if (!err && (!answer.interrupted || ++dumps == DUMPS)) {
			*devices = answer.devices;
			return answer.count;
		}
		free(answer.devices);
	} while (!err);
	return err;
}

static bool netdev_is_of(const struct netdev *device, const char *const *kinds)
{
	while (*kinds && strcmp(device->kind, *kinds))
		kinds++;
	return *kinds;
}

/*
 * Other kinds use IFLA_LINK for interfaces that are not below them: a veth for its peer, a tunnel
 * for its underlying interface.
 */
static bool netdev_is_stacked(const struct netdev *device)
{
	static const char *const kinds[] = { "vlan",   "macvlan", "macvtap", "ipvlan",
					     "ipvtap", "macsec",  NULL };

	return netdev_is_of(device, kinds);
}

bool netdev_blocks(const struct netdev *above, const struct netdev *device)
{
	if (!above->has_program)
		return false;
	return above->ifindex == device->master ||
	       (above->lower == device->ifindex && netdev_is_stacked(above));
}

void netdev_blockers(__u32 ifindex, char *names, size_t size)
{
	CLEANUP_FREE struct netdev *devices = NULL;
	int count = netdev_list(&devices);
	const struct netdev *device = NULL;
	size_t used = 0;

	names[0] = '\0';
	for (int i = 0; i < count; i++)
		if (devices[i].ifindex == ifindex)
			device = &devices[i];
	for (int i = 0; device && i < count && used < size; i++)
		if (netdev_blocks(&devices[i], device))
			used += snprintf(names + used, size - used, "%s%s", used ? ", " : "",
					 devices[i].name);
}

/*
 * These kinds receive no frames from a wire. An ifb returns redirected frames to their interface;
 * the others drop what is sent.
 */
bool netdev_is_idle(const struct netdev *device)
{
	static const char *const kinds[] = { "ifb", "dummy", "nlmon", NULL };

	return netdev_is_of(device, kinds);
}

/* vrf_l3_rcv() only changes to which device a packet belongs, after XDP. */
bool netdev_is_passed_by(const struct netdev *device)
{
	static const char *const kinds[] = { "vrf", NULL };

	return netdev_is_of(device, kinds);
}
