// SPDX-License-Identifier: GPL-2.0-only
/*
 * The process that starts captures is killed between the fork of one and its exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "screen/starter.h"

#define TOOL "xdpdrop-capture"
#define PAUSE_US 1000

static char directory[] = "/tmp/xdpdrop-starter-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[sizeof(directory) + 32];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void create(const char *name, const char *text)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(1);
	close(fd);
}

/* In place of the C library's: where the tool is, beside this program. */
ssize_t readlink(const char *path, char *link, size_t size)
{
	(void)path;
	snprintf(link, size, "%s", path_of("test"));
	return strlen(link);
}

/* In place of the C library's: the first call is in time only when the parent is dead. */
pid_t getppid(void)
{
	static bool called;
	pid_t parent = syscall(SYS_getppid);

	if (!called)
		create("asked", "");
	while (!called && syscall(SYS_getppid) == parent)
		usleep(PAUSE_US);
	called = true;
	return syscall(SYS_getppid);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory))
		return -1;
	create(TOOL, "#!/bin/sh\n: >began\n");
	signal(SIGPIPE, SIG_IGN);
	/* the capture becomes a child of this process */
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static int teardown(void **state)
{
	(void)state;
	unlink(path_of(TOOL));
	unlink(path_of("asked"));
	unlink(path_of("began"));
	return chdir("/") || rmdir(directory);
}

static void no_capture_begins_without_its_starter(void **state)
{
	const struct starter_config config = { .ifname = "eth7", .restore = "" };
	const struct starter_request request = { .ifname = "eth7", .any_reason = true };
	struct report report = { .stream = stderr, .program = "test" };
	struct starter starter;

	(void)state;
	assert_int_equal(starter_open(&starter, &config), 0);
	assert_int_equal(starter_toggle(&starter, &request), 0);
	while (access(path_of("asked"), F_OK))
		usleep(PAUSE_US);
	kill(starter.pid, SIGKILL);
	starter_close(&starter, &report);
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_int_not_equal(access(path_of("began"), F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_capture_begins_without_its_starter),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
