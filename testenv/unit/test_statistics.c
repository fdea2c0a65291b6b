// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON objects for a reader that does not read, reads slowly, or is gone: the writer never waits,
 * and each object that the reader gets is whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/session.h"
#include "capture/statistics.h"

#define POINTS 60 /* that an object is longer than several pages */

static const struct xdpdrop_stats stats = { .size = sizeof(stats), .seen = 7 };
static struct statistics statistics;
static struct xdpdrop *session;
static int reader;
static char text[1 << 20];
static size_t length;

static int setup(int fds[2])
{
	struct reasons none = { 0 };
	char where[16];
	const char *why;

	signal(SIGPIPE, SIG_IGN);
	length = 0;
	reader = fds[0];
	fcntl(reader, F_SETFL, O_NONBLOCK);
	snprintf(where, sizeof(where), "%d", fds[1]);
	session = calloc(1, sizeof(*session));
	if (!session || statistics_open(&statistics, where, NULL, &why))
		return -1;
	for (int i = 0; i < POINTS; i++)
		points_add(&session->points,
			   &(struct xdpdrop_point){ .tap = "hook",
						    .ifname = "eth0",
						    .program_id = 1 + i,
						    .program = "firewall" },
			   &none);
	statistics_begin(&statistics, "eth0", "out.pcapng", 0);
	return 0;
}

static int setup_pipe(void **state)
{
	static int fds[2];

	*state = fds;
	if (pipe(fds) || fcntl(fds[1], F_SETPIPE_SZ, 4096) != 4096)
		return -1;
	return setup(fds);
}

static int setup_socket(void **state)
{
	const int least = 1; /* the kernel makes a few KiB of it */
	static int fds[2];

	*state = fds;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) ||
	    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least)))
		return -1;
	return setup(fds);
}

static int teardown(void **state)
{
	int *fds = *state;
	const char *why;

	statistics_close(&statistics, &why);
	points_free(&session->points);
	free(session);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static void write_object(const char *type)
{
	statistics_write(&statistics, type, session, &stats, 0);
}

/* What is there now. */
static void read_all(void)
{
	ssize_t got;

	while ((got = read(reader, text + length, sizeof(text) - 1 - length)) > 0)
		length += got;
	text[length] = '\0';
}

static unsigned int objects(const char *type)
{
	unsigned int count = 0;
	char key[32];

	snprintf(key, sizeof(key), "{\"type\":\"%s\"", type);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n');

		/* whole: begins and ends as an object does, and has all its lists */
		assert_non_null(end);
		assert_memory_equal(line, "{\"type\":", 8);
		assert_int_equal(end[-1], '}');
		assert_non_null(memmem(line, end - line, "\"reasons\":[", 11));
		count += !memcmp(line, key, strlen(key));
	}
	return count;
}

/* A page at a time, with as many looks of the writer as it takes. */
static void read_slowly(void)
{
	for (size_t before = length + 1; before != length;) {
		before = length;
		read_all();
		statistics_flush(&statistics);
	}
}

static void a_reader_that_does_not_read(void **state)
{
	(void)state;
	write_object("start");
	assert_non_null(statistics.object);
	write_object("interval");
	write_object("signal");
	assert_int_equal(statistics.skipped, 2);
	assert_int_equal(statistics.error, 0);
	read_slowly();
	assert_null(statistics.object);
	assert_int_equal(objects("start"), 1);
	write_object("interval");
	read_slowly();
	assert_int_equal(objects("interval"), 1);
	assert_int_equal(objects("signal"), 0);
	assert_non_null(strstr(text, "\"skipped\":2,"));
}

/* The last object waits for the rest of the one before it. */
static void the_last_object_is_waited_for(void **state)
{
	int *fds = *state, status;
	pid_t pid;

	write_object("start");
	assert_non_null(statistics.object);
	pid = fork();
	if (!pid) {
		write_object("final");
		_exit(statistics.error || statistics.object);
	}
	close(fds[1]);
	fds[1] = -1;
	fcntl(reader, F_SETFL, 0);
	read_all();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(objects("start"), 1);
	assert_int_equal(objects("final"), 1);
}

static void a_reader_that_is_gone(void **state)
{
	int *fds = *state;

	write_object("start");
	close(fds[0]);
	fds[0] = -1;
	statistics_flush(&statistics);
	assert_int_equal(statistics.error, -EPIPE);
	write_object("final");
	assert_int_equal(statistics.error, -EPIPE);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reader_that_does_not_read, setup_pipe),
		TEST(the_last_object_is_waited_for, setup_pipe),
		TEST(the_last_object_is_waited_for, setup_socket),
		TEST(a_reader_that_is_gone, setup_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
