// SPDX-License-Identifier: GPL-2.0-only
/*
 * A session that takes the place of one that failed is in its network namespace, although the
 * process by whose pid that was found has ended.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <xdpdrop/xdpdrop.h>

#include "api/session.h"
#include "session/new_session.h"

static void test_process_has_ended(void **state)
{
	struct report report = { .stream = tmpfile(), .program = "test" };
	struct xdpdrop *first, *second;
	struct stat is, was;
	char pid[16];
	pid_t child = fork();

	(void)state;
	if (!child)
		for (;;)
			pause();
	snprintf(pid, sizeof(pid), "%d", child);
	assert_int_equal(new_session(&first, pid, 0, &report), 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(new_session(&second, pid, 0, &report), -ENOENT);
	xdpdrop_free(second);
	assert_int_equal(new_session_after(&second, first, 0, &report), 0);
	assert_int_equal(fstat(first->netns_fd, &was), 0);
	xdpdrop_free(first);
	assert_int_equal(fstat(second->netns_fd, &is), 0);
	assert_int_equal(is.st_ino, was.st_ino);
	xdpdrop_free(second);
	fclose(report.stream);
}

static void test_no_namespace(void **state)
{
	struct report report = { 0 };
	struct xdpdrop *first, *second;

	(void)state;
	assert_int_equal(new_session(&first, NULL, 0, &report), 0);
	assert_int_equal(new_session_after(&second, first, 0, &report), 0);
	assert_int_equal(second->netns_fd, -1);
	xdpdrop_free(first);
	xdpdrop_free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process_has_ended),
		cmocka_unit_test(test_no_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
