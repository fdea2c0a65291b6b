/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what comes back from a question that another process answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fork_call.h"

struct question {
	int number;
	pid_t by;
	char padding[70000]; /* more than a pipe holds */
};

static int opened = -1;

static int call_answer(void *data)
{
	struct question *question = data;

	question->number *= 2;
	question->by = getpid();
	memset(question->padding, 'p', sizeof(question->padding));
	opened = open("/dev/null", O_RDONLY);
	return 0;
}

static int call_refuse(void *data)
{
	call_answer(data);
	return -ENOENT;
}

static int call_die(void *data)
{
	call_answer(data);
	raise(SIGKILL);
	return 0;
}

static int call_stop(void *data)
{
	raise(SIGSTOP);
	return call_answer(data);
}

static void nothing_is_left(void)
{
	assert_int_equal(opened, -1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void another_process_answers(void **state)
{
	static struct question question;

	(void)state;
	question.number = 21;
	assert_int_equal(fork_call(call_answer, &question, sizeof(question)), 0);
	assert_int_equal(question.number, 42);
	assert_int_not_equal(question.by, getpid());
	assert_int_equal(question.padding[sizeof(question.padding) - 1], 'p');
	nothing_is_left();
}

static void a_failure_changes_nothing(void **state)
{
	static struct question question;

	(void)state;
	question.number = 21;
	assert_int_equal(fork_call(call_refuse, &question, sizeof(question)), -ENOENT);
	assert_int_equal(fork_call(call_die, &question, sizeof(question)), -ECANCELED);
	assert_int_equal(question.number, 21);
	assert_int_equal(question.padding[0], 0);
	nothing_is_left();
}

static void one_that_is_stopped_goes_on(void **state)
{
	static struct question question;

	(void)state;
	question.number = 21;
	assert_int_equal(fork_call(call_stop, &question, sizeof(question)), 0);
	assert_int_equal(question.number, 42);
	nothing_is_left();
}

/* Who ignores SIGCHLD has its children's statuses thrown away. */
static void the_status_is_not_needed(void **state)
{
	static struct question question;

	(void)state;
	question.number = 21;
	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(fork_call(call_answer, &question, sizeof(question)), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(question.number, 42);
	nothing_is_left();
}

/* Without memory for the answer; a limit of processes does not hold for root. */
static void without_room_it_is_answered_here(void **state)
{
	static struct question question;
	struct rlimit before, none;

	(void)state;
	question.number = 21;
	assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
	none = (struct rlimit){ 4096, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
	assert_int_equal(fork_call(call_answer, &question, sizeof(question)), 0);
	assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
	assert_int_equal(question.number, 42);
	assert_int_equal(question.by, getpid());
	close(opened);
	opened = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_process_answers),
		cmocka_unit_test(a_failure_changes_nothing),
		cmocka_unit_test(one_that_is_stopped_goes_on),
		cmocka_unit_test(the_status_is_not_needed),
		cmocka_unit_test(without_room_it_is_answered_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
