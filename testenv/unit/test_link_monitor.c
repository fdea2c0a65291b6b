// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which link messages the kernel keeps back: its own filter decides, on a socket that needs no
 * interfaces.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "xdp/link_monitor.h"

struct bench {
	int ours, theirs;
};

static void set_up(struct bench *bench, const __u32 *devices, unsigned int count)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	*bench = (struct bench){ ends[0], ends[1] };
	assert_int_equal(link_monitor_choose(bench->theirs, devices, count), 0);
}

static void tear_down(const struct bench *bench)
{
	close(bench->ours);
	close(bench->theirs);
}

/* Does a message of @ifindex arrive, with @type, unless that is 0, and the name before it? */
static bool arrives(const struct bench *bench, __u32 ifindex, __u16 type, __u32 value)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
		struct rtattr name;
		char text[8];
		struct rtattr number;
		__u32 value;
	} message = {
		.header = { .nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWLINK },
		.link = { .ifi_index = ifindex },
		.name = { .rta_len = RTA_LENGTH(8), .rta_type = IFLA_IFNAME },
		.text = "eth0",
		.number = { .rta_len = RTA_LENGTH(sizeof(__u32)), .rta_type = type },
		.value = value,
	};
	size_t size = type ? sizeof(message) : offsetof(typeof(message), number);
	char buffer[256];

	assert_true(send(bench->ours, &message, size, 0) == (ssize_t)size || errno == EPERM);
	return recv(bench->theirs, buffer, sizeof(buffer), 0) > 0;
}

static void only_those_that_are_chosen(void **state)
{
	const __u32 devices[] = { 3, 70000 };
	struct bench bench;

	(void)state;
	set_up(&bench, devices, 2);
	assert_true(arrives(&bench, 3, 0, 0));
	assert_true(arrives(&bench, 70000, 0, 0));
	assert_false(arrives(&bench, 4, 0, 0));
	assert_false(arrives(&bench, 0x03000000, 0, 0));
	tear_down(&bench);
}

static void those_that_belong_to_them(void **state)
{
	const __u32 devices[] = { 3, 70000 };
	struct bench bench;

	(void)state;
	set_up(&bench, devices, 2);
	assert_true(arrives(&bench, 9, IFLA_MASTER, 3));
	assert_true(arrives(&bench, 9, IFLA_LINK, 70000));
	assert_false(arrives(&bench, 9, IFLA_MASTER, 4));
	assert_false(arrives(&bench, 9, IFLA_LINK, 4));
	assert_false(arrives(&bench, 9, IFLA_MTU, 3));
	tear_down(&bench);
}

/* RTM_NEWLINK is 16: without an attribute nothing may be taken for its value. */
static void no_attribute_is_no_number(void **state)
{
	const __u32 devices[] = { RTM_NEWLINK, 48 };
	struct bench bench;

	(void)state;
	set_up(&bench, devices, 2);
	assert_false(arrives(&bench, 9, 0, 0));
	assert_false(arrives(&bench, 9, IFLA_MTU, 1500));
	tear_down(&bench);
}

static void as_many_as_there_is_room_for(void **state)
{
	__u32 devices[LINK_MONITOR_MAX + 1];
	struct bench bench;

	(void)state;
	for (unsigned int i = 0; i <= LINK_MONITOR_MAX; i++)
		devices[i] = 100 + i;
	set_up(&bench, devices, LINK_MONITOR_MAX);
	assert_true(arrives(&bench, 100, 0, 0));
	assert_true(arrives(&bench, 100 + LINK_MONITOR_MAX - 1, 0, 0));
	assert_true(arrives(&bench, 9, IFLA_LINK, 100));
	assert_true(arrives(&bench, 9, IFLA_LINK, 100 + LINK_MONITOR_MAX - 1));
	assert_false(arrives(&bench, 9, 0, 0));
	/* with one more all do */
	assert_int_equal(link_monitor_choose(bench.theirs, devices, LINK_MONITOR_MAX + 1), 0);
	assert_int_equal(link_monitor_choose(bench.theirs, devices, LINK_MONITOR_MAX + 1), 0);
	assert_true(arrives(&bench, 9, 0, 0));
	tear_down(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_those_that_are_chosen),
		cmocka_unit_test(those_that_belong_to_them),
		cmocka_unit_test(no_attribute_is_no_number),
		cmocka_unit_test(as_many_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
