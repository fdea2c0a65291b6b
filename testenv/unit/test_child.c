/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of starting a child process: one that gets ready, one that dies, one that is stopped, and
 * one that does nothing; and of continuing it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/child.h"

static char message[256];
static int broken;

/* As a user who reads it, and has waited long enough. */
static void give_up(void *data, enum xdpdrop_log_level level, const char *text)
{
	(void)data;
	(void)level;
	snprintf(message, sizeof(message), "%s", text);
	broken = 1;
}

static const struct log log = { .fn = give_up, .level = XDPDROP_LOG_WARN };

static int begin(void **state)
{
	(void)state;
	message[0] = '\0';
	broken = 0;
	return 0;
}

static int started(struct child *child, child_fn fn)
{
	struct fd_list keep = { 0 };
	int err = child_start(child, "xdpdrop-test", 0, &keep, fn, NULL, &log, &broken);

	fd_list_free(&keep);
	return err;
}

static void no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* Until the parent hangs up. */
static void serve(int socket)
{
	char byte;

	child_ready();
	send(socket, "r", 1, MSG_NOSIGNAL);
	while (read(socket, &byte, 1) > 0)
		;
}

static void get_ready(void *data, int socket)
{
	(void)data;
	serve(socket);
}

static void stop_and_get_ready(void *data, int socket)
{
	(void)data;
	raise(SIGSTOP);
	serve(socket);
}

static void die(void *data, int socket)
{
	(void)data;
	(void)socket;
}

static void do_nothing(void *data, int socket)
{
	(void)data;
	(void)socket;
	for (;;)
		pause();
}

static void assert_serves(child_fn fn)
{
	struct child child;
	char byte = 0;

	assert_int_equal(started(&child, fn), 0);
	assert_false(child_ended(&child));
	assert_int_equal(read(child.socket, &byte, 1), 1);
	assert_int_equal(byte, 'r');
	child_wait(&child);
	assert_string_equal(message, "");
	no_child_is_left();
}

static void test_gets_ready(void **state)
{
	(void)state;
	assert_serves(get_ready);
}

static void test_stopped_one_is_continued(void **state)
{
	(void)state;
	assert_serves(stop_and_get_ready);
}

static void test_dies(void **state)
{
	struct child child;

	(void)state;
	assert_int_equal(started(&child, die), -ECHILD);
	no_child_is_left();
}

/* It is named, and does not keep its parent from ending. */
static void test_never_gets_ready(void **state)
{
	struct child child;
	int pid = 0;

	(void)state;
	assert_int_equal(started(&child, do_nothing), -EINTR);
	assert_int_equal(sscanf(message, "waiting for process %d, xdpdrop-test, which is", &pid),
			 1);
	assert_true(pid > 0);
	no_child_is_left();
}

static void test_broken_before(void **state)
{
	struct child child;

	(void)state;
	broken = 1;
	assert_int_equal(started(&child, do_nothing), -EINTR);
	assert_string_equal(message, "");
	no_child_is_left();
}

static volatile sig_atomic_t continued;

static void count_continue(int signal)
{
	(void)signal;
	continued++;
}

/* Answers each request with the number of times that it was continued. */
static void count(void *data, int socket)
{
	char byte, answer;

	(void)data;
	signal(SIGCONT, count_continue);
	child_ready();
	while (read(socket, &byte, 1) > 0) {
		if (byte == 's')
			raise(SIGSTOP);
		answer = (char)continued;
		send(socket, &answer, 1, MSG_NOSIGNAL);
	}
}

static void request(const struct child *child, char byte)
{
	assert_int_equal(send(child->socket, &byte, 1, 0), 1);
}

static void assert_continued(const struct child *child, int times)
{
	char answer = 0;

	assert_int_equal(read(child->socket, &answer, 1), 1);
	assert_int_equal(answer, times);
}

static void continue_as_parent(pid_t pid)
{
	child_continue(pid);
}

static void continue_as_another(pid_t pid)
{
	int status;
	pid_t another = fork();

	if (!another) {
		child_continue(pid);
		_exit(0);
	}
	assert_int_equal(waitpid(another, &status, 0), another);
	assert_int_equal(status, 0);
}

static void assert_continues(void (*go_on)(pid_t pid))
{
	struct child child;
	siginfo_t info;

	assert_int_equal(started(&child, count), 0);
	go_on(child.pid);
	request(&child, '?');
	assert_continued(&child, 0);
	request(&child, 's');
	assert_int_equal(waitid(P_PID, child.pid, &info, WSTOPPED | WNOWAIT), 0);
	go_on(child.pid);
	assert_continued(&child, 1);
	child_wait(&child);
	no_child_is_left();
}

static void test_continue_only_if_stopped(void **state)
{
	(void)state;
	assert_continues(continue_as_parent);
	assert_continues(continue_as_another);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_gets_ready, begin),
		cmocka_unit_test_setup(test_stopped_one_is_continued, begin),
		cmocka_unit_test_setup(test_dies, begin),
		cmocka_unit_test_setup(test_never_gets_ready, begin),
		cmocka_unit_test_setup(test_broken_before, begin),
		cmocka_unit_test_setup(test_continue_only_if_stopped, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
