// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several readers at once: each record is in the file of the reader that has its ring, the sums are
 * over all files, and an error or news of one ends the work of all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "fake_ring.h"
#include "api/drain.h"
#include "api/describe.h"
#include "api/readers.h"
#include "api/slice.h"
#include "base/clock.h"
#include "process/message.h"

#define READERS 2
#define FRAMES 50
#define LONG_MS 60000
/* Of the blocks of a pcapng file. */
#define PACKET 6
#define STATISTICS 5
#define RECEIVED 4 /* of the options of statistics */

static struct xdpdrop_state states[READERS];
static __u8 reader_of[READERS] = { 0, 1 };
static struct xdpdrop *session;
static int fds[READERS];

static void set_files(const int *files)
{
	const struct xdpdrop_output output = {
		.size = sizeof(output), .fd = -1, .thread_fds = files, .thread_count = READERS
	};

	assert_int_equal(xdpdrop_set_output(session, &output), 0);
	assert_int_equal(session->reader_count, READERS);
	for (unsigned int i = 0; i < READERS; i++)
		session->reader[i].rings = fake_rings(1, 65536, 0);
}

static int setup(void **state)
{
	const struct xdpdrop_point info = { .tap = "hook", .ifname = "eth7", .program = "fw" };

	(void)state;
	memset(states, 0, sizeof(states));
	if (xdpdrop_new(&session))
		return -1;
	session->maps.cpus = READERS;
	session->maps.states = states;
	session->maps.reader = reader_of;
	points_add(&session->points, &info, NULL);
	for (unsigned int i = 0; i < READERS; i++)
		fds[i] = memfd_create("file", MFD_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session->maps = CAPTURE_MAPS_NONE;
	xdpdrop_free(session);
	for (unsigned int i = 0; i < READERS; i++)
		close(fds[i]);
	return 0;
}

/* @frames of the CPU whose ring reader @reader has. */
static void capture(unsigned int reader, unsigned int frames)
{
	struct {
		struct xdpdrop_record header;
		char data[64];
	} record = { .header = { .len = 60,
				 .caplen = 60,
				 .reason = 7,
				 .rule = 9,
				 .action = 1,
				 .version = XDPDROP_RECORD_VERSION } };

	for (unsigned int i = 0; i < frames; i++) {
		record.header.timestamp = clock_kernel() - 1000000000 + i;
		fake_put(&session->reader[reader].rings.ring[0], sizeof(record), &record,
			 sizeof(record));
	}
	states[reader].counters[0].seen += frames;
	states[reader].counters[0].captured += frames;
	states[reader].counters[0].bytes += 60 * frames;
}

/* Blocks of @type in file @number. */
static unsigned int count_blocks_of(int fd, __u32 type)
{
	unsigned int count = 0;
	__u32 head[2];

	for (off_t at = 0; pread(fd, head, sizeof(head), at) == sizeof(head); at += head[1])
		count += head[0] == type;
	return count;
}

static unsigned int count_blocks(unsigned int number, __u32 type)
{
	return count_blocks_of(fds[number], type);
}

/* "Number of received packets" in the statistics of file @fd. */
static __u64 received(int fd)
{
	__u64 frames = ~0ULL;
	__u32 head[2];

	for (off_t at = 0; pread(fd, head, sizeof(head), at) == sizeof(head); at += head[1]) {
		off_t option = at + 20; /* behind interface and time */
		__u16 code[2];

		while (head[0] == STATISTICS && option < at + head[1] - 4 &&
		       pread(fd, code, sizeof(code), option) == sizeof(code) && code[0]) {
			if (code[0] == RECEIVED)
				assert_int_equal(pread(fd, &frames, 8, option + 4), 8);
			option += 4 + (code[1] + 3) / 4 * 4;
		}
	}
	return frames;
}

static void count_rule(void *data, const struct xdpdrop_rule_stats *stats)
{
	*(__u64 *)data += stats->frames;
	assert_int_equal(stats->rule, 9);
}

static void count_reason(void *data, const struct xdpdrop_reason_stats *stats)
{
	*(__u64 *)data += stats->captured;
	assert_int_equal(stats->reason, 7);
}

static void each_reader_writes_its_own_records(void **state)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	__u64 of_rule = 0, of_reason = 0;

	(void)state;
	set_files(fds);
	assert_int_equal(describe_begin(session), 0);
	capture(0, FRAMES);
	capture(1, 2 * FRAMES);
	assert_int_equal(slice_run(session, 0), 3 * FRAMES);
	assert_int_equal(session->sink.clock.offset, session->reader[1].sink->clock.offset);
	capture(1, 1);
	session->state = SESSION_STOPPED;
	drain_all(session);
	assert_int_equal(describe_end(session), 0);
	assert_int_equal(count_blocks(0, PACKET), FRAMES);
	assert_int_equal(count_blocks(1, PACKET), 2 * FRAMES + 1);
	assert_int_equal(count_blocks(0, STATISTICS), 1);
	assert_int_equal(count_blocks(1, STATISTICS), 1);
	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	assert_int_equal(stats.written, 3 * FRAMES + 1);
	assert_true(stats.balanced);
	assert_int_equal(xdpdrop_get_rules(session, 10, count_rule, &of_rule), 0);
	assert_int_equal(of_rule, 3 * FRAMES + 1);
	assert_int_equal(xdpdrop_get_reasons(session, count_reason, &of_reason), 0);
	assert_int_equal(of_reason, 3 * FRAMES + 1);
	assert_int_equal(xdpdrop_failed_thread(session), -1);
}

/* Files of both readers, in the order in which they begin. */
static int series[8];
static unsigned int series_count, series_of[8];

static int next_file(void *data, enum rotation_cut cut, __u64 start)
{
	const struct file_member *member = data;
	int fd = memfd_create("file", MFD_CLOEXEC);

	(void)cut, (void)start;
	pthread_mutex_lock(&session->files.turn);
	assert_true(series_count < 8);
	series_of[series_count] = member->reader;
	series[series_count++] = dup(fd);
	pthread_mutex_unlock(&session->files.turn);
	return fd;
}

static int (*ask)(void *data, enum rotation_cut cut, __u64 start); /* the real next_file() */

static void set_series(const struct xdpdrop_files *files)
{
	const struct xdpdrop_output output = {
		.size = sizeof(output), .fd = -1, .files = files, .thread_count = READERS
	};

	assert_int_equal(xdpdrop_set_output(session, &output), 0);
	series_count = 0;
	assert_int_equal(describe_begin(session), 0);
	for (unsigned int i = 0; i < READERS; i++) {
		session->reader[i].rings = fake_rings(1, 65536, 0);
		ask = session->reader[i].sink->files.next;
		session->reader[i].sink->files.next = next_file;
		assert_int_equal(sink_begin_files(session->reader[i].sink), 0);
	}
}

static const char *const names[READERS] = { "a", "b" };

/* The frames of reader @reader in its @nth file, by its statistics; they are as many blocks. */
static __u64 frames_in(unsigned int reader, unsigned int nth)
{
	unsigned int file = 0;
	__u64 frames;

	while (series_of[file] != reader || nth--)
		file++;
	assert_true(file < series_count);
	frames = count_blocks_of(series[file], PACKET);
	assert_int_equal(count_blocks_of(series[file], STATISTICS), 1);
	assert_int_equal(received(series[file]), frames);
	return frames;
}

static void each_reader_has_a_series_of_its_own(void **state)
{
	const struct xdpdrop_files files = { .size = sizeof(files),
					     .bytes = 1000000,
					     .thread_names = names };
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	(void)state;
	set_series(&files);
	capture(0, FRAMES);
	capture(1, 2 * FRAMES);
	xdpdrop_next_file(session);
	assert_int_equal(slice_run(session, 0), 3 * FRAMES);
	assert_int_equal(series_count, 4);
	capture(1, 3);
	assert_int_equal(slice_run(session, 0), 3);
	assert_int_equal(series_count, 4);
	session->state = SESSION_STOPPED;
	drain_all(session);
	assert_int_equal(describe_end(session), 0);
	assert_int_equal(frames_in(0, 0), FRAMES);
	assert_int_equal(frames_in(0, 1), 0);
	assert_int_equal(frames_in(1, 0), 2 * FRAMES);
	assert_int_equal(frames_in(1, 1), 3);
	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	assert_int_equal(stats.files, 4);
	assert_int_equal(stats.written, 3 * FRAMES + 3);
	assert_true(stats.balanced);
	assert_string_equal(xdpdrop_file_name(session), "a");
	assert_string_equal(xdpdrop_thread_file_name(session, 1), "b");
	assert_null(xdpdrop_thread_file_name(session, READERS));
}

/* What another reader still has of the last period is written. */
static void the_last_period_ends_all(void **state)
{
	const struct xdpdrop_files files = {
		.size = sizeof(files), .seconds = 3600, .count = 1, .thread_names = names
	};
	struct xdpdrop_stats stats = { .size = sizeof(stats) };

	(void)state;
	set_series(&files);
	session->reader[0].sink->files.rotation.start -= 3602 * 1000000000ULL;
	capture(0, 1);
	assert_int_equal(slice_run(session, LONG_MS), -ENODATA);
	capture(1, FRAMES);
	session->state = SESSION_STOPPED;
	drain_all(session);
	assert_int_equal(describe_end(session), 0);
	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	assert_int_equal(stats.over_limit, 1);
	assert_int_equal(stats.written, FRAMES);
	assert_true(stats.balanced);
}

/* One reader would write the file of another one. */
static void no_late_answer_is_taken(void **state)
{
	const struct xdpdrop_files files = { .size = sizeof(files),
					     .bytes = 1000,
					     .thread_names = names };
	const struct message late = { .kind = MESSAGE_FILE }, other = { .kind = MESSAGE_LOG };
	int ends[2];

	(void)state;
	set_series(&files);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	session->files.process.socket = ends[0];
	for (unsigned int i = 0; i < READERS; i++) {
		assert_int_equal(message_send(ends[1], i ? &late : &other, fds[0]), 0);
		assert_int_equal(ask(&session->files.member[i], ROTATION_FILE, 0), -EOWNERDEAD);
	}
	session->files.process.socket = -1;
	close(ends[0]);
	close(ends[1]);
}

static void assert_refused(const struct xdpdrop_files *files)
{
	const struct xdpdrop_output output = {
		.size = sizeof(output), .fd = -1, .files = files, .thread_count = READERS
	};

	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	assert_int_equal(session->reader_count, 0);
	assert_null(session->sink.files.next);
}

static void a_series_that_threads_cannot_write_is_refused(void **state)
{
	const struct xdpdrop_history history = { .size = sizeof(history) };
	const char *const one[READERS] = { "a" };
	const struct xdpdrop_files good = {
		.size = sizeof(good), .bytes = 1000, .max_bytes = 4000, .thread_names = names
	};
	struct xdpdrop_files files = good;

	(void)state;
	files.name = "c";
	assert_refused(&files);
	files = good;
	files.thread_names = NULL;
	assert_refused(&files);
	files = good;
	files.thread_names = one;
	assert_refused(&files);
	files = good;
	files.max_bytes = 3999;
	assert_refused(&files);
	files = good;
	files.bytes = 0;
	files.history = &history;
	assert_refused(&files);
	set_series(&good);
	/* nor is the one before left to a reader: its names are gone */
	for (unsigned int i = 0; i < READERS; i++)
		rings_free(&session->reader[i].rings);
	assert_refused(&files);
	assert_int_equal(readers_begin_files(session), 0);
}

/* Also those that do not fail, long before the slice is over. */
static void an_error_ends_all(void **state)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	const int full[READERS] = { fds[0], open("/dev/full", O_WRONLY | O_CLOEXEC) };

	(void)state;
	set_files(full);
	assert_int_equal(describe_begin(session), 0);
	capture(0, FRAMES);
	capture(1, FRAMES);
	assert_int_equal(slice_run(session, LONG_MS), -ENOSPC);
	assert_int_equal(xdpdrop_failed_thread(session), 1);
	session->state = SESSION_STOPPED;
	drain_all(session);
	assert_int_equal(describe_end(session), -ENOSPC);
	assert_int_equal(count_blocks(0, PACKET), FRAMES);
	assert_int_equal(count_blocks(0, STATISTICS), 1);
	assert_int_equal(xdpdrop_get_stats(session, &stats), 0);
	assert_int_equal(stats.written, FRAMES);
	assert_int_equal(stats.write_failed, FRAMES);
	assert_true(stats.balanced);
	close(full[1]);
}

/* What the control process has said comes before the records that are younger. */
static void news_end_all(void **state)
{
	struct epoll_event event = { .events = EPOLLIN };
	int news = eventfd(1, EFD_CLOEXEC);

	(void)state;
	set_files(fds);
	assert_int_equal(describe_begin(session), 0);
	assert_int_equal(epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, news, &event), 0);
	capture(0, FRAMES);
	assert_int_equal(slice_run(session, LONG_MS), 0);
	close(news);
	assert_int_equal(slice_run(session, 0), FRAMES);
	states[0].counters[0].seen = states[0].counters[0].captured = 0;
}

static int take(void *data, const struct xdpdrop_point *point, const struct xdpdrop_record *record,
		__u64 realtime)
{
	(void)data, (void)point, (void)record, (void)realtime;
	return 0;
}

static void what_threads_cannot_do_is_refused(void **state)
{
	struct xdpdrop_output output = {
		.size = sizeof(output), .fd = fds[0], .thread_fds = fds, .thread_count = READERS
	};
	const struct xdpdrop_opts opts = { .size = sizeof(opts) };

	(void)state;
	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	output.fd = -1;
	output.thread_count = 1;
	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	output.thread_count = POINTS_READERS + 1;
	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	output.thread_count = READERS;
	assert_int_equal(xdpdrop_set_output(session, &output), 0);
	xdpdrop_set_limit(session, 1);
	assert_int_equal(xdpdrop_activate(session, "lo", &opts), -EINVAL);
	xdpdrop_set_limit(session, 0);
	xdpdrop_set_handler(session, take, NULL);
	assert_int_equal(xdpdrop_activate(session, "lo", &opts), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_reader_writes_its_own_records, setup,
						teardown),
		cmocka_unit_test_setup_teardown(each_reader_has_a_series_of_its_own, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_last_period_ends_all, setup, teardown),
		cmocka_unit_test_setup_teardown(no_late_answer_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(a_series_that_threads_cannot_write_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(an_error_ends_all, setup, teardown),
		cmocka_unit_test_setup_teardown(news_end_all, setup, teardown),
		cmocka_unit_test_setup_teardown(what_threads_cannot_do_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
