// SPDX-License-Identifier: GPL-2.0-only
/*
 * A signal handler may call xdpdrop_break() while another function of the library runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "api/readers.h"

#define READERS 3

static struct xdpdrop *session;
static bool interrupted; /* each time a descriptor is closed */

/* In place of the C library's. */
int close(int fd)
{
	if (interrupted)
		xdpdrop_break(session);
	return syscall(SYS_close, fd);
}

static void readers_that_end_are_not_broken(void **state)
{
	int fds[READERS], file = memfd_create("file", MFD_CLOEXEC);
	const struct xdpdrop_output threads = {
		.size = sizeof(threads), .fd = -1, .thread_fds = fds, .thread_count = READERS
	};
	const struct xdpdrop_output one = { .size = sizeof(one), .fd = file };

	(void)state;
	for (unsigned int i = 0; i < READERS; i++)
		fds[i] = memfd_create("file", MFD_CLOEXEC);
	assert_int_equal(xdpdrop_new(&session), 0);
	assert_int_equal(xdpdrop_set_output(session, &threads), 0);
	assert_int_equal(session->reader_count, READERS);
	interrupted = true;
	assert_int_equal(xdpdrop_set_output(session, &one), 0);
	interrupted = false;
	assert_int_equal(session->reader_count, 0);
	assert_int_equal(session->broken, 1);
	xdpdrop_free(session);
	for (unsigned int i = 0; i < READERS; i++)
		close(fds[i]);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_that_end_are_not_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
