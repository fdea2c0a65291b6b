/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of netdev_list() with the interfaces of this machine. The tests set the flag by which the
 * kernel marks a dump as interrupted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "xdp/netdev.h"

/* Dumps so far, and how many of them are interrupted. */
static unsigned int dumps, interrupted;

ssize_t __real_send(int fd, const void *data, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *data, size_t size, int flags);
ssize_t __real_recv(int fd, void *data, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *data, size_t size, int flags);

ssize_t __wrap_send(int fd, const void *data, size_t size, int flags)
{
	dumps++;
	return __real_send(fd, data, size, flags);
}

ssize_t __wrap_recv(int fd, void *data, size_t size, int flags)
{
	ssize_t received = __real_recv(fd, data, size, flags);
	ssize_t left = received;

	for (struct nlmsghdr *message = data; NLMSG_OK(message, left);
	     message = NLMSG_NEXT(message, left)) {
		message->nlmsg_flags &= ~NLM_F_DUMP_INTR;
		if (dumps <= interrupted)
			message->nlmsg_flags |= NLM_F_DUMP_INTR;
	}
	return received;
}

/* One of the interfaces is lo. */
static void list(void)
{
	struct netdev *devices = NULL;
	int count = netdev_list(&devices);
	bool found = false;

	for (int i = 0; i < count; i++)
		found |= !strcmp(devices[i].name, "lo");
	free(devices);
	assert_true(found);
}

static int setup(void **state)
{
	(void)state;
	dumps = interrupted = 0;
	return 0;
}

static void one_dump_has_all(void **state)
{
	(void)state;
	list();
	assert_int_equal(dumps, 1);
}

static void interrupted_dump_is_repeated(void **state)
{
	(void)state;
	interrupted = 2;
	list();
	assert_int_equal(dumps, 3);
}

static void changes_without_end_are_no_error(void **state)
{
	(void)state;
	interrupted = 1000;
	list();
	assert_true(dumps > 1 && dumps < 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_dump_has_all, setup),
		cmocka_unit_test_setup(interrupted_dump_is_repeated, setup),
		cmocka_unit_test_setup(changes_without_end_are_no_error, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
