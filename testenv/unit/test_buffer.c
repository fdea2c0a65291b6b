/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the buffer in front of a file: every byte arrives, once and in order; and when the
 * disk is full, the counts and the file say exactly what did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "between.h"
#include "units.h"

/* @count records and nothing else, from the file's position on. */
static void assert_records(int fd, int count)
{
	char expected[UNIT], bytes[UNIT];

	for (int i = 0; i < count; i++) {
		fill(expected, i);
		assert_int_equal(read(fd, bytes, UNIT), UNIT);
		assert_memory_equal(bytes, expected, UNIT);
	}
	assert_int_equal(read(fd, bytes, UNIT), 0);
}

static int temporary_file(int flags)
{
	char path[] = "/tmp/xdpdrop-buffer.XXXXXX";
	int fd = mkstemp(path), reopened;

	assert_true(fd >= 0);
	reopened = open(path, O_RDWR | flags);
	close(fd);
	unlink(path);
	assert_true(reopened >= 0);
	return reopened;
}

/* The disk is full after @bytes of a file, until called with RLIM_INFINITY. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int flush_limited(struct buffer *out, rlim_t bytes)
{
	int err;

	limit_files(bytes);
	err = buffer_flush(out);
	limit_files(RLIM_INFINITY);
	return err;
}

static void the_buffer_is_aligned(void **state)
{
	struct buffer *out = *state;

	assert_int_equal((uintptr_t)out->data % sysconf(_SC_PAGESIZE), 0);
	assert_int_equal(out->size, 64 * 1024);
	assert_int_equal(out->error, 0);
	assert_counts(out, 0, 0, 0);
}

static void everything_arrives(void **state)
{
	struct buffer *out = *state;

	out->fd = temporary_file(0);
	add_all(out, 2000); /* three buffers and a part */
	assert_counts(out, 2000 - 3 * 655, 3 * 655, 0);
	assert_int_equal(buffer_finish(out), 0);
	assert_counts(out, 0, 2000, 0);
	assert_int_equal(buffer_finish(out), 0);
	lseek(out->fd, 0, SEEK_SET);
	assert_records(out->fd, 2000);
	close(out->fd);
}

static void what_exactly_fits_is_not_flushed(void **state)
{
	struct buffer *out = *state;

	assert_ptr_equal(buffer_reserve(out, out->size), out->data);
	buffer_commit(out, out->size - UNIT, true);
	assert_ptr_equal(buffer_reserve(out, UNIT), out->data + out->size - UNIT);
	assert_int_equal(out->error, 0);
}

static void a_short_one_is_flushed_before_it_is_long(void **state)
{
	struct buffer *out = *state;

	out->fd = temporary_file(0);
	buffer_keep_short(out, 3 * UNIT);
	add_all(out, 3);
	assert_counts(out, 3, 0, 0);
	add(out, 3);
	assert_counts(out, 1, 3, 0);
	/* a block that is longer than that goes alone */
	assert_ptr_equal(buffer_reserve(out, out->size), out->data);
	assert_counts(out, 0, 4, 0);
	lseek(out->fd, 0, SEEK_SET);
	assert_records(out->fd, 4);
	buffer_keep_short(out, 2 * out->size);
	assert_int_equal(out->most, out->size);
	close(out->fd);
}

static void what_never_fits_is_an_error(void **state)
{
	struct buffer *out = *state;

	assert_null(buffer_reserve(out, out->size + 1));
	assert_int_equal(out->error, -EMSGSIZE);
	assert_null(buffer_reserve(out, 1));
}

static void a_full_device_fails_everything(void **state)
{
	struct buffer *out = *state;

	out->fd = open("/dev/full", O_WRONLY);
	add_header(out);
	add_all(out, 3);
	assert_int_equal(buffer_flush(out), -ENOSPC);
	assert_counts(out, 0, 0, 3);
	assert_int_equal(out->used, 0);
	/* Sticky, and the fourth counts once. */
	assert_int_equal(add(out, 3), -ENOSPC);
	assert_int_equal(buffer_flush(out), -ENOSPC);
	assert_int_equal(buffer_finish(out), -ENOSPC);
	assert_counts(out, 0, 0, 4);
	close(out->fd);
}

/* For each place where the disk may become full: the file ends with its last whole record. */
static void a_full_disk_cuts_the_file(void **state)
{
	for (rlim_t limit = 1; limit < HEADER + 4 * UNIT; limit += 13) {
		int written = limit < HEADER ? 0 : (limit - HEADER) / UNIT;
		size_t whole = limit < HEADER ? 0 : HEADER + written * UNIT;
		struct buffer *out = *state;
		char header[HEADER];

		buffer_free(out);
		setup(state);
		out->fd = temporary_file(0);
		add_header(out);
		add_all(out, 4);
		assert_int_equal(flush_limited(out, limit), -EFBIG);
		assert_counts(out, 0, written, 4 - written);
		assert_int_equal(lseek(out->fd, 0, SEEK_CUR), whole);
		assert_int_equal(lseek(out->fd, 0, SEEK_END), whole);
		lseek(out->fd, 0, SEEK_SET);
		if (whole) {
			assert_int_equal(read(out->fd, header, HEADER), HEADER);
			assert_memory_equal(header, "HHHHHHHHHHHHHHHHHHHHHHHH", HEADER);
		}
		assert_records(out->fd, written);
		close(out->fd);
	}
}

/* The cut is relative to where this capture began in the file. */
static void check_cut_behind(struct buffer *out, int flags)
{
	char before[7];

	out->fd = temporary_file(flags);
	assert_int_equal(write(out->fd, "before", 6), 6);
	if (flags & O_APPEND)
		lseek(out->fd, 0, SEEK_SET);
	add_all(out, 3);
	assert_int_equal(flush_limited(out, 6 + 2 * UNIT + 50), -EFBIG);
	assert_counts(out, 0, 2, 1);
	lseek(out->fd, 0, SEEK_SET);
	assert_int_equal(read(out->fd, before, 6), 6);
	assert_memory_equal(before, "before", 6);
	assert_records(out->fd, 2);
	close(out->fd);
}

static void a_cut_leaves_what_was_there_before(void **state)
{
	check_cut_behind(*state, 0);
}

static void a_cut_of_a_file_opened_to_append(void **state)
{
	check_cut_behind(*state, O_APPEND);
}

static void a_cut_leaves_what_is_behind(void **state)
{
	struct buffer *out = *state;

	out->fd = temporary_file(0);
	assert_int_equal(pwrite(out->fd, "behind", 6, 1000), 6);
	add_all(out, 3);
	assert_int_equal(flush_limited(out, 250), -EFBIG);
	assert_counts(out, 0, 2, 1);
	assert_int_equal(lseek(out->fd, 0, SEEK_END), 1006);
	close(out->fd);
}

static void another_descriptor_gets_what_follows(void **state)
{
	struct buffer *out = *state;
	int first = temporary_file(0), second = temporary_file(0);

	out->fd = first;
	add_all(out, 3);
	assert_int_equal(buffer_bytes(out), 3 * UNIT);
	assert_int_equal(buffer_flush(out), 0);
	assert_int_equal(buffer_bytes(out), 3 * UNIT);
	buffer_continue(out, second);
	assert_int_equal(buffer_bytes(out), 0);
	add_all(out, 2);
	assert_int_equal(buffer_flush(out), 0);
	assert_counts(out, 0, 5, 0);
	lseek(first, 0, SEEK_SET);
	assert_records(first, 3);
	lseek(second, 0, SEEK_SET);
	assert_records(second, 2);
	close(first);
	close(second);
}

/* Makes room once, by lifting the limit. */
static int make_room(void *data, int err)
{
	int *remedies = data;

	limit_files(RLIM_INFINITY);
	return err == -EFBIG && (*remedies)++ == 0 ? 0 : err;
}

static void a_write_is_repeated_after_a_remedy(void **state)
{
	struct buffer *out = *state;
	int remedies = 0;

	out->fd = temporary_file(0);
	out->remedy = make_room;
	out->remedy_data = &remedies;
	add_all(out, 4);
	assert_int_equal(flush_limited(out, 250), 0);
	assert_int_equal(remedies, 1);
	assert_counts(out, 0, 4, 0);
	lseek(out->fd, 0, SEEK_SET);
	assert_records(out->fd, 4);
	close(out->fd);
}

static void only_the_last_buffer_fails(void **state)
{
	struct buffer *out = *state;

	out->fd = temporary_file(0);
	add_all(out, 10);
	assert_int_equal(buffer_flush(out), 0);
	add_all(out, 5);
	assert_int_equal(flush_limited(out, 12 * UNIT + 1), -EFBIG);
	assert_counts(out, 0, 12, 3);
	assert_int_equal(lseek(out->fd, 0, SEEK_END), 12 * UNIT);
	close(out->fd);
}

/* Blocks so short that there is no room to note the end of each. */
static void many_short_blocks(void **state)
{
	struct buffer *out = *state;
	const int count = 10000;
	char bytes[10001];

	out->fd = temporary_file(0);
	for (int i = 0; i < count; i++) {
		*(char *)buffer_reserve_record(out, 1) = 'a' + i % 23;
		buffer_commit(out, 1, true);
	}
	assert_between(out->written, 1, count - 1);
	assert_int_equal(buffer_flush(out), 0);
	assert_counts(out, 0, count, 0);
	assert_int_equal(pread(out->fd, bytes, sizeof(bytes), 0), count);
	for (int i = 0; i < count; i++)
		assert_int_equal(bytes[i], 'a' + i % 23);
	close(out->fd);
}

static void a_closed_descriptor(void **state)
{
	struct buffer *out = *state;

	add_all(out, 1);
	assert_int_equal(buffer_finish(out), -EBADF);
	assert_counts(out, 0, 0, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_buffer_is_aligned),
		TEST(everything_arrives),
		TEST(what_exactly_fits_is_not_flushed),
		TEST(a_short_one_is_flushed_before_it_is_long),
		TEST(what_never_fits_is_an_error),
		TEST(a_full_device_fails_everything),
		TEST(a_full_disk_cuts_the_file),
		TEST(a_cut_leaves_what_was_there_before),
		TEST(a_cut_of_a_file_opened_to_append),
		TEST(a_cut_leaves_what_is_behind),
		TEST(another_descriptor_gets_what_follows),
		TEST(a_write_is_repeated_after_a_remedy),
		TEST(only_the_last_buffer_fails),
		TEST(many_short_blocks),
		TEST(a_closed_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
