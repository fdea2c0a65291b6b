/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the buffer in front of a pipe: readers that are slow, stuck or gone, and signals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "units.h"

static int signalled_fd;
static struct buffer *stopped;

static void a_reader_that_is_gone(void **state)
{
	struct buffer *out = *state;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	out->fd = fds[1];
	add_all(out, 2);
	assert_int_equal(buffer_flush(out), 0);
	close(fds[0]);
	add_all(out, 1);
	assert_int_equal(buffer_finish(out), -EPIPE);
	assert_counts(out, 0, 2, 1);
	close(fds[1]);
}

static int page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* A pipe of one page; its reading end is fds[0]. */
static void small_pipe(int fds[2], int flags)
{
	assert_int_equal(pipe2(fds, flags), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, page_size()), page_size());
}

/* Read the pipe in a child that reads slowly; returns its pid. */
static pid_t slow_reader(int fds[2], int count)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	close(fds[1]);
	fcntl(fds[0], F_SETFL, 0);
	for (int i = 0; i < count; i++) {
		char expected[UNIT], bytes[UNIT];

		for (int got = 0; got < UNIT;) {
			int some = read(fds[0], bytes + got, UNIT - got);

			if (some <= 0)
				_exit(1);
			got += some;
		}
		fill(expected, i);
		if (memcmp(bytes, expected, UNIT))
			_exit(2);
		if (i % 100 == 0)
			usleep(1000);
	}
	_exit(read(fds[0], &count, 1) != 0);
}

static void check_slow_reader(struct buffer *out, int flags)
{
	int fds[2], status;
	pid_t pid;

	small_pipe(fds, flags);
	pid = slow_reader(fds, 2000);
	close(fds[0]);
	out->fd = fds[1];
	add_all(out, 2000);
	assert_int_equal(buffer_finish(out), 0);
	assert_counts(out, 0, 2000, 0);
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_slow_reader(void **state)
{
	check_slow_reader(*state, 0);
}

static void a_slow_reader_of_a_nonblocking_pipe(void **state)
{
	check_slow_reader(*state, O_NONBLOCK);
}

static void a_slow_reader_while_stopping(void **state)
{
	buffer_stop(*state);
	check_slow_reader(*state, 0);
}

/*
 * What the pipe holds is what counts as written, to the record. Once the capture stops, that is one
 * write of PIPE_BUF bytes: it takes the page, whatever room is left there.
 */
static void check_stuck_reader(struct buffer *out, int fds[2], int room)
{
	const int fit = room / UNIT, stop = out->stop;
	char bytes[page_size()], expected[UNIT];

	buffer_free(out);
	assert_int_equal(buffer_init(out, fds[1], 2 * page_size() + 64 * 1024), 0);
	out->stop = stop;
	tick = 500000000;
	add_all(out, fit + 60);
	assert_int_equal(buffer_flush(out), -ETIMEDOUT);
	assert_counts(out, 0, fit, 60);
	assert_int_equal(read(fds[0], bytes, sizeof(bytes)), room);
	for (int i = 0; i < fit; i++) {
		fill(expected, i);
		assert_memory_equal(bytes + i * UNIT, expected, UNIT);
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	assert_int_equal(read(fds[0], bytes, 1), -1);
	assert_int_equal(buffer_finish(out), -ETIMEDOUT);
	close(fds[0]);
	close(fds[1]);
}

static void a_stuck_reader_while_stopping(void **state)
{
	int fds[2];

	small_pipe(fds, 0);
	buffer_stop(*state);
	check_stuck_reader(*state, fds, PIPE_BUF);
}

static void a_stuck_reader_of_a_nonblocking_pipe(void **state)
{
	int fds[2];

	small_pipe(fds, O_NONBLOCK);
	buffer_stop(*state);
	check_stuck_reader(*state, fds, PIPE_BUF);
}

static void set_stop(int number)
{
	(void)number;
	buffer_stop(stopped);
}

/* On a busy machine the signal may come again before the next write. */
static void read_a_page(int number)
{
	char bytes[page_size()];
	int error = errno;

	(void)number;
	if (read(signalled_fd, bytes, sizeof(bytes)) < 0 && errno != EAGAIN)
		_exit(3);
	errno = error;
}

/* @handler every 20 ms, and system calls are not restarted after it. */
static void on_timer(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler ? handler : SIG_IGN };
	struct itimerval timer = { { 0, handler ? 20000 : 0 }, { 0, handler ? 20000 : 0 } };

	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Blocked in write() when the signal comes. */
static void stopping_ends_a_blocked_write(void **state)
{
	int fds[2];

	small_pipe(fds, 0);
	stopped = *state;
	on_timer(set_stop);
	check_stuck_reader(*state, fds, page_size());
	on_timer(NULL);
}

/* A signal that does not stop the capture; its handler is the reader of a pipe that is full. */
static void other_signals_are_survived(void **state)
{
	struct buffer *out = *state;
	char page[page_size()];
	int fds[2];

	memset(page, 0, sizeof(page));
	small_pipe(fds, 0);
	assert_int_equal(write(fds[1], page, sizeof(page)), sizeof(page));
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	signalled_fd = fds[0];
	out->fd = fds[1];
	on_timer(read_a_page);
	add_all(out, 300);
	assert_int_equal(buffer_flush(out), 0);
	on_timer(NULL);
	assert_counts(out, 0, 300, 0);
	close(fds[0]);
	close(fds[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reader_that_is_gone),
		TEST(a_slow_reader),
		TEST(a_slow_reader_of_a_nonblocking_pipe),
		TEST(a_slow_reader_while_stopping),
		TEST(a_stuck_reader_while_stopping),
		TEST(a_stuck_reader_of_a_nonblocking_pipe),
		TEST(stopping_ends_a_blocked_write),
		TEST(other_signals_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
