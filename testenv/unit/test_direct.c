/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of a buffer that writes past the page cache: every byte arrives, once and in order, however
 * flushes fall; a full disk cuts the file at a whole record; a slow disk gets ordinary writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "units.h"

#define SIZE (256 * 1024)
#define FILL (SIZE / UNIT + 1) /* records after which it was written once */

/* A disk that became full during the last direct write, and has no room to write that again. */
static bool full;

ssize_t write(int fd, const void *data, size_t size)
{
	if (!full)
		return syscall(SYS_write, fd, data, size);
	if (fcntl(fd, F_GETFL) & O_DIRECT)
		return syscall(SYS_write, fd, data, size / 2 - size / 2 % DIRECT_ALIGN);
	errno = ENOSPC;
	return -1;
}

/* How many of the next attempts to clear O_DIRECT fail. */
static int stuck;

int fcntl(int fd, int command, ...)
{
	va_list args;
	long argument;

	va_start(args, command);
	argument = va_arg(args, long);
	va_end(args);
	if (command == F_SETFL && !(argument & O_DIRECT) && stuck && stuck--) {
		errno = EPERM;
		return -1;
	}
	return syscall(SYS_fcntl, fd, command, argument);
}

/* A file without a name, and a buffer in front of it. Skips where /tmp has no direct writes. */
static void begin(struct buffer *out)
{
	char path[] = "/tmp/xdpdrop-direct.XXXXXX";

	buffer_free(out);
	assert_int_equal(buffer_init(out, mkstemp(path), SIZE), 0);
	assert_true(out->fd >= 0);
	unlink(path);
	buffer_go_direct(out);
	if (!out->direct.usable) {
		print_message("/tmp has no writes past the page cache\n");
		skip();
	}
}

/* The file has @count records and nothing else. */
static void assert_file(int fd, int count)
{
	char expected[UNIT], bytes[UNIT];

	assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)count * UNIT);
	lseek(fd, 0, SEEK_SET);
	for (int i = 0; i < count; i++) {
		fill(expected, i);
		assert_int_equal(read(fd, bytes, UNIT), UNIT);
		assert_memory_equal(bytes, expected, UNIT);
	}
}

/* Written in long writes that end within a record, which is not counted yet. */
static void a_record_that_goes_on_is_not_written(void **state)
{
	struct buffer *out = *state;

	begin(out);
	add_all(out, FILL);
	assert_int_equal(out->flushed, SIZE - DIRECT_ALIGN);
	assert_int_equal(out->written, (SIZE - DIRECT_ALIGN) / UNIT);
	assert_int_equal(out->written + out->pending, FILL);
	assert_int_equal(buffer_bytes(out), FILL * UNIT);
	assert_int_equal(buffer_finish(out), 0);
	assert_counts(out, 0, FILL, 0);
	assert_file(out->fd, FILL);
	close(out->fd);
}

static void assert_everything_arrives(struct buffer *out)
{
	const int count = 40 * FILL;

	srandom(1);
	for (int i = 0; i < count; i++) {
		assert_int_equal(add(out, i), 0);
		if (random() % 1000 == 0)
			assert_int_equal(buffer_flush(out), 0);
		if (random() % 1500 == 0)
			assert_int_equal(buffer_advance(out), 0);
		assert_int_equal(buffer_bytes(out), (i + 1) * UNIT);
	}
	assert_true(out->direct.usable);
	assert_int_equal(buffer_flush(out), 0);
	assert_counts(out, 0, count, 0);
	assert_file(out->fd, count);
	close(out->fd);
}

/* The first long write shows that there is much to write. */
static void everything_arrives(void **state)
{
	struct buffer *out = *state;

	begin(out);
	assert_everything_arrives(out);
	assert_int_equal(out->size, DIRECT_MOST);
	assert_int_equal(out->most, DIRECT_MOST);
	assert_int_equal((uintptr_t)out->data % DIRECT_HUGE, 0);
}

/* Its user has asked for blocks that stay in the cache. */
static void a_short_one_stays_short(void **state)
{
	struct buffer *out = *state;

	begin(out);
	buffer_keep_short(out, SIZE - UNIT);
	assert_everything_arrives(out);
	assert_int_equal(out->size, SIZE);
	assert_int_equal(out->most, SIZE - UNIT);
}

/* What a short file had no use for. */
static void nothing_grows_before_a_long_write(void **state)
{
	struct buffer *out = *state;

	begin(out);
	add_all(out, FILL - 1);
	assert_int_equal(out->size, SIZE);
	assert_int_equal(buffer_advance(out), 0);
	assert_int_equal(out->size, DIRECT_MOST);
	close(out->fd);
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Wherever the disk becomes full, also within a record of which a part is in the file. */
static void a_full_disk_cuts_the_file(void **state)
{
	const int count = 3 * FILL;
	struct buffer *out = *state;

	for (rlim_t limit = UNIT; limit < count * UNIT; limit += 5 * DIRECT_ALIGN + 1234) {
		int written = limit / UNIT;

		begin(out);
		limit_files(limit);
		for (int i = 0; i < count; i++)
			add(out, i);
		buffer_flush(out);
		limit_files(RLIM_INFINITY);
		assert_int_equal(out->error, -EFBIG);
		assert_counts(out, 0, written, count - written);
		assert_file(out->fd, written);
		close(out->fd);
	}
}

/* As on a file system that never overwrites in place. */
static void nothing_stays_of_a_short_write(void **state)
{
	struct buffer *out = *state;
	__u64 written;

	begin(out);
	add_all(out, FILL);
	written = out->written;
	full = true;
	for (int i = FILL; i < 2 * FILL; i++)
		add(out, i);
	buffer_flush(out);
	full = false;
	assert_int_equal(out->error, -ENOSPC);
	assert_counts(out, 0, written, 2 * FILL - written);
	assert_file(out->fd, written);
	close(out->fd);
}

/* As a security module might. The next ordinary write comes after another attempt. */
static void a_flag_that_stays_is_cleared_later(void **state)
{
	struct buffer *out = *state;

	begin(out);
	stuck = 1;
	add_all(out, FILL);
	assert_int_equal(stuck, 0);
	assert_true(out->direct.on);
	assert_int_equal(buffer_finish(out), 0);
	assert_false(out->direct.on);
	assert_counts(out, 0, FILL, 0);
	assert_file(out->fd, FILL);
	close(out->fd);
}

static void a_flag_that_stays_for_ever_is_an_error(void **state)
{
	const int written = (SIZE - DIRECT_ALIGN) / UNIT;
	struct buffer *out = *state;

	begin(out);
	stuck = INT_MAX;
	add_all(out, FILL);
	assert_int_equal(buffer_finish(out), -EPERM);
	stuck = 0;
	assert_counts(out, 0, written, FILL - written);
	assert_int_equal(direct_leave(&out->direct, out->fd), 0);
	assert_file(out->fd, written);
	close(out->fd);
}

/* Found before anything is written. */
static void a_flag_that_stays_at_once_gets_ordinary_writes(void **state)
{
	struct buffer *out = *state;

	begin(out);
	stuck = 1;
	buffer_go_direct(out);
	assert_int_equal(stuck, 0);
	assert_false(out->direct.usable);
	add_all(out, FILL);
	assert_int_equal(buffer_finish(out), 0);
	assert_file(out->fd, FILL);
	close(out->fd);
}

static void another_file_gets_what_follows(void **state)
{
	struct buffer *out = *state;
	int first;

	begin(out);
	first = out->fd;
	add_all(out, FILL);
	assert_int_equal(buffer_flush(out), 0);
	assert_true(out->head > 0);
	buffer_continue(out, open("/tmp", O_TMPFILE | O_RDWR, 0600));
	buffer_go_direct(out);
	add_all(out, FILL);
	assert_int_equal(buffer_finish(out), 0);
	assert_counts(out, 0, 2 * FILL, 0);
	assert_file(first, FILL);
	assert_file(out->fd, FILL);
	close(first);
	close(out->fd);
}

static void a_slow_disk_gets_ordinary_writes_for_a_while(void **state)
{
	const int count = FILL + DIRECT_MOST / UNIT;
	struct buffer *out = *state;
	size_t rest;

	begin(out);
	tick = 1000000000;
	add_all(out, FILL);
	rest = out->direct.rest;
	assert_true(rest > 0);
	tick = 0;
	for (int i = FILL; i < count; i++)
		assert_int_equal(add(out, i), 0);
	assert_true(out->direct.rest < rest);
	assert_int_equal(buffer_finish(out), 0);
	assert_file(out->fd, count);
	close(out->fd);
}

/* Others may write there, too. */
static void files_that_are_shared_get_ordinary_writes(void **state)
{
	struct buffer *out = *state;

	begin(out);
	assert_int_equal(write(out->fd, "x", 1), 1);
	buffer_go_direct(out);
	assert_false(out->direct.usable);
	close(out->fd);
	out->fd = open("/tmp", O_TMPFILE | O_RDWR | O_APPEND, 0600);
	buffer_go_direct(out);
	assert_false(out->direct.usable);
	close(out->fd);
	out->fd = open("/dev/null", O_WRONLY);
	buffer_go_direct(out);
	assert_false(out->direct.usable);
	close(out->fd);
}

/* Where such a write is a copy as any other. */
static void files_in_memory_get_ordinary_writes(void **state)
{
	struct buffer *out = *state;

	int memory = memfd_create("test", 0); /* of the kernel's own tmpfs */
	char name[32];

	assert_true(memory >= 0);
	/* only files that open() has opened could be written past the page cache */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", memory);
	out->fd = open(name, O_RDWR);
	assert_true(out->fd >= 0);
	buffer_go_direct(out);
	assert_false(out->direct.usable);
	close(out->fd);
	close(memory);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_that_goes_on_is_not_written),
		TEST(everything_arrives),
		TEST(a_short_one_stays_short),
		TEST(nothing_grows_before_a_long_write),
		TEST(a_full_disk_cuts_the_file),
		TEST(nothing_stays_of_a_short_write),
		TEST(a_flag_that_stays_is_cleared_later),
		TEST(a_flag_that_stays_for_ever_is_an_error),
		TEST(a_flag_that_stays_at_once_gets_ordinary_writes),
		TEST(another_file_gets_what_follows),
		TEST(a_slow_disk_gets_ordinary_writes_for_a_while),
		TEST(files_that_are_shared_get_ordinary_writes),
		TEST(files_in_memory_get_ordinary_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
