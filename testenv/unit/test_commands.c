// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands of --control beside a signal: each snapshot has the name that it was asked for with.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <xdpdrop/xdpdrop.h>

#include "api/session.h"
#include "capture/commands.h"

static char fifo[] = "/tmp/test_commands.XXXXXX";
static struct commands commands;
static struct xdpdrop *session;
static struct report report;
static struct progress progress = { .report = &report };

static int begin(void **state)
{
	const char *why;

	(void)state;
	strcpy(fifo + sizeof(fifo) - 7, "XXXXXX");
	close(mkstemp(fifo));
	unlink(fifo);
	return mkfifo(fifo, 0600) || commands_open(&commands, fifo, &why) || xdpdrop_new(&session);
}

static int end(void **state)
{
	(void)state;
	commands_close(&commands);
	xdpdrop_free(session);
	return unlink(fifo);
}

static void command(const char *text)
{
	int fd = open(fifo, O_WRONLY);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The snapshot that the next poll would take, after one look at the commands. */
static const char *tick_and_poll(void)
{
	const char *asked;

	commands_tick(&commands, session, &progress, 0);
	asked = session->recording.asked;
	session->recording.asked = NULL;
	return asked;
}

static void test_signal_after_a_name(void **state)
{
	(void)state;
	command("snapshot mine\n");
	commands_tick(&commands, session, &progress, 0);
	assert_int_equal(xdpdrop_snapshot(session, "SIGUSR2"), -EBUSY);
	assert_string_equal(tick_and_poll(), "mine");
	assert_null(tick_and_poll());
}

static void test_signal_before_a_name(void **state)
{
	(void)state;
	command("snapshot mine\nsnapshot next\n");
	assert_int_equal(xdpdrop_snapshot(session, "SIGUSR2"), 0);
	assert_string_equal(tick_and_poll(), "SIGUSR2");
	assert_string_equal(tick_and_poll(), "mine");
	assert_string_equal(tick_and_poll(), "next");
	assert_null(tick_and_poll());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_signal_after_a_name, begin, end),
		cmocka_unit_test_setup_teardown(test_signal_before_a_name, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
