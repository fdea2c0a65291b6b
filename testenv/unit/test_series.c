// SPDX-License-Identifier: GPL-2.0-only
/*
 * A series of files on disk: which are created, replaced and deleted, and which are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/series.h"

static struct series_writer writer; /* the first one */
static int full;		    /* so many calls of create() fail */
static int full_errno;

static int create(const char *path, int flags, mode_t mode)
{
	if (full) {
		full--;
		errno = full_errno;
		return -1;
	}
	return open(path, flags, mode);
}

static int setup(void **state)
{
	static struct series series;
	char directory[] = "/tmp/xdpdrop-series.XXXXXX";

	full = 0;
	full_errno = ENOSPC;
	writer = (struct series_writer){ .names = { .text = "out" } };
	series = (struct series){ .writer = &writer, .writers = 1, .create = create };
	*state = &series;
	return mkdtemp(directory) && !chdir(directory) ? 0 : -1;
}

static int teardown(void **state)
{
	char directory[64], command[128];

	series_free(*state);
	if (!getcwd(directory, sizeof(directory)) || strncmp(directory, "/tmp/xdpdrop-series.", 20))
		return -1;
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return chdir("/") || system(command);
}

/* Fill the file with @bytes and close it. */
static void fill(int fd, off_t bytes)
{
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	close(fd);
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static void the_next_file_has_the_next_number(void **state)
{
	struct series *series = *state;

	fill(series_begin_period(series, 0, 0), 1);
	assert_string_equal(writer.current, "out");
	fill(series_next(series, 0), 1);
	assert_string_equal(writer.current, "out1");
	fill(series_begin_period(series, 0, 0), 1);
	assert_string_equal(writer.current, "out");
	assert_int_equal(series->count, 0);
}

static void a_ring_begins_again(void **state)
{
	struct series *series = *state;
	struct stat first, third;

	series->ring = 2;
	writer.names.width = 1;
	fill(series_begin_period(series, 0, 0), 100);
	assert_int_equal(stat("out0", &first), 0);
	fill(series_next(series, 0), 1);
	fill(series_next(series, 0), 1);
	assert_string_equal(writer.current, "out0");
	assert_int_equal(stat("out0", &third), 0);
	assert_int_equal(third.st_size, 1);
	assert_int_equal(third.st_mode & 07777, 0600);
	assert_false(exists("out2"));
}

static void the_oldest_files_are_deleted(void **state)
{
	struct series *series = *state;

	series->max_bytes = 1000;
	series->reserve = 300;
	fill(series_begin_period(series, 0, 0), 300);
	fill(series_next(series, 0), 300);
	fill(series_next(series, 0), 300);
	assert_true(exists("out"));
	fill(series_next(series, 0), 300);
	assert_false(exists("out"));
	assert_true(exists("out1") && exists("out2") && exists("out3"));
	assert_int_equal(series->deleted, 1);
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void old_file(const char *path, off_t bytes)
{
	fill(open(path, O_WRONLY | O_CREAT | O_EXCL, 0600), bytes);
}

/* Two of them, with old files; the earlier ones are over the limit. */
static void start_two(struct series *series, struct series_writer *both)
{
	old_file("a", 10);
	old_file("b", 20);
	old_file("a1", 2000);
	both[0] = (struct series_writer){ .names = { .text = "a" } };
	both[1] = (struct series_writer){ .names = { .text = "b" } };
	series->writer = both;
	series->writers = 2;
	series->max_bytes = 1000;
	series->reserve = 300;
	assert_int_equal(series_begin(series), 0);
	fill(series_begin_period(series, 0, 0), 1);
	assert_int_equal(size_of("a"), 1);
}

static void a_start_that_fails_changes_nothing(void **state)
{
	static struct series_writer both[2]; /* until the end of the test */
	struct series *series = *state;
	int fd;

	start_two(series, both);
	fd = open("b", O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(series_begin_period(series, 1, 0), -EBUSY);
	series_free(series);
	close(fd);
	assert_int_equal(size_of("a"), 10);
	assert_int_equal(size_of("b"), 20);
	assert_int_equal(size_of("a1"), 2000);
	assert_false(exists("a.before0"));
}

/* A file that did not exist is deleted, too. */
static void a_start_that_fails_leaves_nothing(void **state)
{
	struct series *series = *state;

	assert_int_equal(series_begin(series), 0);
	fill(series_begin_period(series, 0, 0), 1);
	assert_true(exists("out"));
	series_free(series);
	assert_false(exists("out"));
}

static void after_the_start_old_files_are_deleted(void **state)
{
	static struct series_writer both[2]; /* until the end of the test */
	struct series *series = *state;

	old_file("a.before0", 5);
	start_two(series, both);
	fill(series_begin_period(series, 1, 0), 2);
	assert_true(exists("a.before1") && exists("b.before0") && exists("a1"));
	series_begun(series);
	assert_false(exists("a.before1") || exists("b.before0") || exists("a1"));
	assert_int_equal(size_of("a.before0"), 5);
	series_free(series);
	assert_int_equal(size_of("a"), 1);
	assert_int_equal(size_of("b"), 2);
}

/* Only then do old files go before all have begun. */
static void a_full_disk_takes_what_is_replaced(void **state)
{
	struct series *series = *state;

	old_file("out", 10);
	assert_int_equal(series_begin(series), 0);
	assert_int_equal(series_free_space(series), -ENOENT);
	fill(series_begin_period(series, 0, 0), 1);
	assert_int_equal(series_free_space(series), 0);
	assert_false(exists("out.before0"));
	assert_int_equal(series_free_space(series), -ENOENT);
	series_begun(series);
	assert_int_equal(size_of("out"), 1);
}

/* Each has names of its own; a full disk or the limit takes the oldest file of all. */
static void writers_share_the_limit(void **state)
{
	struct series_writer both[] = { { .names = { .text = "a" } },
					{ .names = { .text = "b" } } };
	struct series *series = *state;

	series->writer = both;
	series->writers = 2;
	series->max_bytes = 1000;
	series->reserve = 300;
	fill(series_begin_period(series, 0, 0), 300);
	fill(series_begin_period(series, 1, 0), 300);
	fill(series_next(series, 1), 300);
	assert_string_equal(both[0].current, "a");
	assert_string_equal(both[1].current, "b1");
	assert_true(exists("a") && exists("b"));
	fill(series_next(series, 0), 300);
	assert_false(exists("b"));
	fill(series_next(series, 0), 300);
	assert_false(exists("a"));
	assert_int_equal(series_delete_oldest(series), 0);
	assert_false(exists("a1"));
	/* what is being written stays */
	assert_int_equal(series_delete_oldest(series), -ENOENT);
	assert_true(exists("a2") && exists("b1"));
	assert_int_equal(series->deleted, 3);
}

static void earlier_files_of_all_writers_count(void **state)
{
	static struct series_writer both[] = { { .names = { .text = "a" } },
					       { .names = { .text = "b" } } };
	struct series *series = *state;

	series->writer = both;
	series->writers = 2;
	series->max_bytes = 1000;
	fill(open("a3", O_CREAT | O_WRONLY, 0600), 10);
	fill(open("b1", O_CREAT | O_WRONLY, 0600), 10);
	fill(open("c", O_CREAT | O_WRONLY, 0600), 10);
	assert_int_equal(series_begin(series), 0);
	assert_int_equal(series->count, 2);
	assert_int_equal(series->bytes, 20);
}

static void make_old(const char *path, off_t bytes, time_t changed)
{
	const struct timespec times[2] = { { .tv_sec = changed }, { .tv_sec = changed } };

	fill(open(path, O_CREAT | O_WRONLY, 0600), bytes);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void files_of_earlier_captures_count(void **state)
{
	struct series *series = *state;

	make_old("out1", 400, 2000);
	make_old("out2", 400, 1000);
	make_old("other", 4000, 500);
	make_old("out.gz", 4000, 500);
	assert_int_equal(mkdir("out3", 0700), 0);
	series->max_bytes = 1000;
	series->reserve = 300;
	assert_int_equal(series_begin(series), 0);
	assert_int_equal(series->count, 2);
	fill(series_begin_period(series, 0, 0), 300);
	series_begun(series);
	assert_false(exists("out2"));
	assert_true(exists("out1") && exists("other") && exists("out.gz") && exists("out3"));
}

static void a_file_of_an_event_replaces_none(void **state)
{
	struct series *series = *state;
	char first[PATH_MAX];

	writer.names.text = "./out.pcap";
	series->events = true;
	fill(series_event(series, 0, "rate(../a b)>1"), 1);
	strcpy(first, writer.current);
	assert_non_null(strstr(first, "-rate_.._a_b__1.pcap"));
	assert_int_equal(strspn(first + 5, "-0123456789"), 17);
	fill(series_event(series, 0, "rate(../a b)>1"), 1);
	assert_non_null(strstr(writer.current, "-rate_.._a_b__1-1.pcap"));
	assert_true(exists(first) && exists(writer.current));
}

/* The process that asks is not to choose the kind of names. */
static void files_are_all_of_events_or_none(void **state)
{
	struct series *series = *state;

	writer.names.text = "./out.pcap";
	assert_int_equal(series_event(series, 0, "gone"), -EINVAL);
	series->events = true;
	assert_int_equal(series_begin_period(series, 0, 0), -EINVAL);
	assert_int_equal(series_next(series, 0), -EINVAL);
	assert_false(exists("out.pcap") || exists("out.pcap1"));
}

static void the_oldest_files_of_events_are_deleted(void **state)
{
	struct series *series = *state;

	writer.names.text = "./out.pcap";
	series->events = true;
	series->most = 2;
	make_old("out-20260101-000000-lost.pcap", 1, 1000);
	make_old("out-20260101-000001-lost.pcap", 1, 2000);
	make_old("out-20260101-000001-lost.pcapng", 1, 500);
	make_old("out-2026010-0000001-lost.pcap", 1, 500);
	make_old("out-20260101-000001-.pcap", 1, 500);
	assert_int_equal(series_begin(series), 0);
	assert_int_equal(series->count, 2);
	fill(series_event(series, 86400, "gone"), 1);
	assert_false(exists("out-20260101-000000-lost.pcap"));
	fill(series_event(series, 86400, "gone"), 1);
	assert_false(exists("out-20260101-000001-lost.pcap"));
	assert_int_equal(series->deleted, 2);
}

static void a_directory_is_checked(void **state)
{
	struct series *series = *state;

	assert_int_equal(series_check(series), 0);
	assert_string_equal(writer.current, "");
	writer.names.text = "missing/out";
	assert_int_equal(series_check(series), -ENOENT);
	assert_string_equal(writer.current, "missing/");
}

static void a_file_that_is_written_is_neither_replaced_nor_deleted(void **state)
{
	struct series *series = *state;
	int fd;

	make_old("out", 400, 1000);
	fd = open("out", O_WRONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(series_begin_period(series, 0, 0), -EBUSY);
	series->max_bytes = 1000;
	assert_int_equal(series_begin(series), 0);
	assert_int_equal(series_delete_oldest(series), -ENOENT);
	assert_true(exists("out"));
	close(fd);
}

static void the_descriptor_is_locked(void **state)
{
	struct series *series = *state;
	int fd = series_begin_period(series, 0, 0), other = open("out", O_WRONLY);

	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	close(fd);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
}

static void only_regular_files_are_replaced(void **state)
{
	struct series *series = *state;

	assert_int_equal(mkfifo("out", 0600), 0);
	assert_int_equal(series_begin_period(series, 0, 0), -EEXIST);
	unlink("out");
	assert_int_equal(symlink("/etc/passwd", "out"), 0);
	assert_int_equal(series_begin_period(series, 0, 0), -EEXIST);
	unlink("out");
	assert_int_equal(mkdir("out", 0700), 0);
	assert_int_equal(series_begin_period(series, 0, 0), -EEXIST);
}

static void a_full_disk_deletes_files_until_there_is_room(void **state)
{
	struct series *series = *state;

	series->max_bytes = 1 << 20;
	fill(series_begin_period(series, 0, 0), 1);
	fill(series_next(series, 0), 1);
	full = 1;
	fill(series_next(series, 0), 1);
	assert_false(exists("out"));
	assert_true(exists("out1") && exists("out2"));
	full = 1;
	full_errno = EDQUOT;
	fill(series_next(series, 0), 1);
	assert_false(exists("out1"));
	full = 10;
	assert_int_equal(series_next(series, 0), -EDQUOT);
}

static void a_directory_that_was_deleted_is_an_error(void **state)
{
	struct series *series = *state;

	writer.names.text = "d/out";
	assert_int_equal(mkdir("d", 0700), 0);
	fill(series_begin_period(series, 0, 0), 1);
	unlink("d/out");
	rmdir("d");
	assert_int_equal(series_next(series, 0), -ENOENT);
	assert_string_equal(writer.current, "d/out1");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_next_file_has_the_next_number),
		TEST(a_ring_begins_again),
		TEST(the_oldest_files_are_deleted),
		TEST(writers_share_the_limit),
		TEST(a_start_that_fails_changes_nothing),
		TEST(a_start_that_fails_leaves_nothing),
		TEST(after_the_start_old_files_are_deleted),
		TEST(a_full_disk_takes_what_is_replaced),
		TEST(earlier_files_of_all_writers_count),
		TEST(files_of_earlier_captures_count),
		TEST(a_file_of_an_event_replaces_none),
		TEST(files_are_all_of_events_or_none),
		TEST(the_oldest_files_of_events_are_deleted),
		TEST(a_directory_is_checked),
		TEST(a_file_that_is_written_is_neither_replaced_nor_deleted),
		TEST(the_descriptor_is_locked),
		TEST(only_regular_files_are_replaced),
		TEST(a_full_disk_deletes_files_until_there_is_room),
		TEST(a_directory_that_was_deleted_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
