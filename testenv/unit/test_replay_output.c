// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which outputs a replay takes, and of which interface a frame is there.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/replay_output.h"
#include "api/session.h"

#define INTERFACES 5000
#define INTERFACE_BLOCK 1
#define PACKET_BLOCK 6

static struct xdpdrop *session_with(const struct xdpdrop_output *output)
{
	struct xdpdrop *session;

	assert_int_equal(xdpdrop_new(&session), 0);
	assert_int_equal(xdpdrop_set_output(session, output), 0);
	return session;
}

/* They would have to be served while frames run. */
static void clients_are_refused(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct xdpdrop_output output = { .size = sizeof(output),
					       .fd = -1,
					       .format = XDPDROP_PCAPNG,
					       .listen_fds = &fd,
					       .listen_count = 1 };
	struct xdpdrop *session;

	(void)state;
	assert_int_equal(listen(fd, 1), 0);
	session = session_with(&output);
	assert_int_equal(xdpdrop_replay_begin(session), -EINVAL);
	xdpdrop_free(session);
	close(fd);
}

static void a_file_is_taken_once(void **state)
{
	int fd = memfd_create("frames", MFD_CLOEXEC);
	const struct xdpdrop_output output = { .size = sizeof(output),
					       .fd = fd,
					       .format = XDPDROP_PCAPNG };
	struct xdpdrop *session = session_with(&output);

	(void)state;
	assert_int_equal(xdpdrop_replay_begin(session), 0);
	assert_int_equal(xdpdrop_replay_begin(session), -EINVAL);
	assert_int_equal(xdpdrop_replay_end(session), 0);
	assert_true(lseek(fd, 0, SEEK_END) > 0);
	xdpdrop_free(session);
	close(fd);
}

static void write_frame(struct xdpdrop *session, const char *ifname)
{
	static const char bytes[60];
	const struct xdpdrop_replay_frame frame = { .size = sizeof(frame),
						    .data = bytes,
						    .caplen = sizeof(bytes),
						    .len = sizeof(bytes),
						    .ifname = ifname };
	const struct xdpdrop_replay_result result = { .size = sizeof(result),
						      .action = 1,
						      .point = &session->points.point[0].info };

	assert_int_equal(replay_output_write(session, &frame, &result), 0);
}

/* Each interface is there once, and a frame without one is of the program's. */
static void frames_are_of_their_interfaces(void **state)
{
	const struct xdpdrop_point point = { .tap = "replay", .ifname = "eth7", .program = "fw" };
	int fd = memfd_create("frames", MFD_CLOEXEC);
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = fd };
	struct xdpdrop *session = session_with(&output);
	__u32 block[3], interfaces = 0, packets = 0;
	char name[16];

	(void)state;
	assert_int_equal(points_add(&session->points, &point, NULL), 0);
	assert_int_equal(xdpdrop_replay_begin(session), 0);
	for (unsigned int i = 0; i < 2 * INTERFACES; i++) {
		snprintf(name, sizeof(name), "eth%u", i % INTERFACES);
		write_frame(session, i == 7 ? NULL : name);
	}
	assert_int_equal(xdpdrop_replay_end(session), 0);
	for (off_t at = 0; pread(fd, block, sizeof(block), at) == sizeof(block); at += block[1]) {
		interfaces += block[0] == INTERFACE_BLOCK;
		if (block[0] == PACKET_BLOCK)
			assert_int_equal(block[2], packets++ % INTERFACES);
	}
	assert_int_equal(interfaces, INTERFACES);
	assert_int_equal(packets, 2 * INTERFACES);
	xdpdrop_free(session);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_refused),
		cmocka_unit_test(a_file_is_taken_once),
		cmocka_unit_test(frames_are_of_their_interfaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
