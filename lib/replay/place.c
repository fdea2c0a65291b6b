// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The new namespace has one interface with more queues than a frame is likely to name. It is a
 * veth, which every kernel has that runs XDP in containers. Nothing is ever received there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "replay/place.h"

#define PLACE_IFNAME "xdpdrop0"
#define PLACE_QUEUES 256
#define PLACE_WORD_BITS (8 * sizeof(unsigned long))
#define PLACE_LOOPBACK 1 /* index of the first interface of each namespace */

struct place_request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	char attributes[128];
};

static struct nlattr *place_put(struct place_request *request, __u16 type, const void *data,
				size_t size)
{
	struct nlattr *attribute =
		(void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->nla_type = type;
	attribute->nla_len = NLA_HDRLEN + size;
	if (size)
		memcpy((char *)attribute + NLA_HDRLEN, data, size);
	request->header.nlmsg_len =
		NLMSG_ALIGN(request->header.nlmsg_len) + NLA_ALIGN(attribute->nla_len);
	return attribute;
}

/* The other end gets a name from the kernel. */
static int place_create_interface(void)
{
	CLEANUP_FD int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct place_request request = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			    .nlmsg_type = RTM_NEWLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char request[sizeof(struct place_request)];
	} reply;
	__u32 queues = PLACE_QUEUES;
	struct nlattr *info;

	if (fd < 0)
		return -errno;
	place_put(&request, IFLA_IFNAME, PLACE_IFNAME, sizeof(PLACE_IFNAME));
	place_put(&request, IFLA_NUM_RX_QUEUES, &queues, sizeof(queues));
	info = place_put(&request, IFLA_LINKINFO, NULL, 0);
	place_put(&request, IFLA_INFO_KIND, "veth", sizeof("veth"));
	info->nla_len = (char *)&request + request.header.nlmsg_len - (char *)info;
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0 ||
	    recv(fd, &reply, sizeof(reply), 0) < (ssize_t)NLMSG_LENGTH(sizeof(reply.error.error)))
		return -errno;
	return reply.header.nlmsg_type == NLMSG_ERROR ? reply.error.error : -EPROTO;
}

/* Without the interface there is the loopback interface, which has one queue. */
static int place_enter_new(struct place *place, bool one_queue, const struct log *log)
{
	CLEANUP_FD int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int err;

	if (own < 0)
		return -errno;
	if (unshare(CLONE_NEWNET)) {
		log_warn(log,
			 "cannot make a network namespace: %s; frames run as received by the "
			 "loopback interface of this one",
			 strerror(errno));
	} else {
		place->visit.own = take_fd(&own);
	}
	place->ifindex = PLACE_LOOPBACK;
	snprintf(place->ifname, sizeof(place->ifname), "lo");
	if (place->visit.own < 0 || one_queue)
		return 0;
	err = place_create_interface();
	if (err) {
		log_info(log, "cannot create an interface with many queues: %s", strerror(-err));
		return 0;
	}
	place->ifindex = if_nametoindex(PLACE_IFNAME);
	snprintf(place->ifname, sizeof(place->ifname), PLACE_IFNAME);
	return place->ifindex ? 0 : -ENODEV;
}

static int place_enter_existing(struct place *place, const char *ifname, const struct log *log)
{
	place->ifindex = if_nametoindex(ifname);
	if (!place->ifindex || !if_indextoname(place->ifindex, place->ifname))
		return log_error(log, -ENODEV, "there is no interface %s", ifname);
	return 0;
}

/* By a system call: the functions of glibc have room for 1024 CPUs. */
static int place_keep_on(__u32 cpu)
{
	unsigned long one[PLACE_CPU_WORDS] = { 0 };

	one[cpu / PLACE_WORD_BITS] = 1UL << cpu % PLACE_WORD_BITS;
	return syscall(SYS_sched_setaffinity, 0, sizeof(one), one) ? -errno : 0;
}

static int place_settle(struct place *place)
{
	int cpu = sched_getcpu(), err;

	if (cpu < 0 || (size_t)cpu >= PLACE_CPU_WORDS * PLACE_WORD_BITS)
		return -ENOSYS;
	memset(place->cpus, 0, sizeof(place->cpus));
	if (syscall(SYS_sched_getaffinity, 0, sizeof(place->cpus), place->cpus) < 0)
		return -errno;
	place->cpu = cpu;
	err = place_keep_on(cpu);
	place->moved = !err;
	return err;
}

int place_enter(struct place *place, const char *ifname, bool one_queue, const struct log *log)
{
	int err;

	if (place->users) {
		if (ifname && strcmp(ifname, place->ifname))
			return log_error(log, -EINVAL,
					 "replays of one session have one interface: %s, not %s",
					 place->ifname, ifname);
		place->users++;
		return 0;
	}
	*place = (struct place){ .users = 1, .visit = NETNS_AT_HOME };
	err = place_settle(place);
	if (err)
		log_error(log, err, "cannot keep this thread on one CPU: %s", strerror(-err));
	else
		err = ifname ? place_enter_existing(place, ifname, log) :
			       place_enter_new(place, one_queue, log);
	if (err)
		place_leave(place);
	return err;
}

int place_join(const struct place *place, unsigned int job, __u32 *cpu, const struct log *log)
{
	__u32 found = place->cpu;
	unsigned int count = 0;
	int err;

	for (__u32 i = 0; count < job && i < PLACE_CPU_WORDS * PLACE_WORD_BITS; i++) {
		if (i == place->cpu ||
		    !(place->cpus[i / PLACE_WORD_BITS] & 1UL << i % PLACE_WORD_BITS))
			continue;
		found = i;
		count++;
	}
	if (count < job)
		return log_error(log, -ENOSPC, "there are only %u CPUs to run on", count + 1);
	err = place_keep_on(found);
	if (err)
		return log_error(log, err, "cannot keep a thread on CPU %u: %s", found,
				 strerror(-err));
	*cpu = found;
	return 0;
}

void place_leave(struct place *place)
{
	if (!place->users || --place->users)
		return;
	netns_leave(&place->visit);
	if (place->moved)
		syscall(SYS_sched_setaffinity, 0, sizeof(place->cpus), place->cpus);
	place->moved = false;
}
