// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which outputs a replay takes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "replay.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_are_refused),
		cmocka_unit_test(a_file_is_taken_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
