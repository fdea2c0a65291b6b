/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of closing all descriptors but some.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd_list.h"

#define FIRST 20
#define LAST 40

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* In a process of its own: of FIRST to LAST those in @kept stay, and the standard ones. */
static bool only_kept(const int *kept, size_t count)
{
	struct fd_list list = { 0 };
	bool right = true;

	for (int fd = FIRST; fd <= LAST; fd++)
		dup2(STDIN_FILENO, fd);
	fd_list_add(&list, -1);
	for (size_t i = 0; i < count; i++)
		fd_list_add(&list, kept[i]);
	if (fd_list_close_others(&list))
		return false;
	for (int fd = 0; fd <= LAST + 1; fd++) {
		bool wanted = fd <= STDERR_FILENO;

		for (size_t i = 0; i < count; i++)
			wanted = wanted || fd == kept[i];
		right = right && is_open(fd) == wanted;
	}
	fd_list_free(&list);
	return right;
}

static void check(const int *kept, size_t count)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(only_kept(kept, count) ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void others_are_closed(void **state)
{
	(void)state;
	check(NULL, 0);
	check((const int[]){ 30 }, 1);
	check((const int[]){ 40, 20, 31, 30, 32, 30 }, 6);
	check((const int[]){ 1, 25 }, 2);
}

/* Nothing is closed that should have been kept. */
static void incomplete_list(void **state)
{
	struct fd_list list = { .incomplete = true };

	(void)state;
	assert_int_equal(fd_list_close_others(&list), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_closed),
		cmocka_unit_test(incomplete_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
