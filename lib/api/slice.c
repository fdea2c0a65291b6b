// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Readers share nothing that changes: capture points and their names stay as they are until the
 * slice is over, and each reader counts and writes by itself.
 *
 * A reader passes on records up to the time at which it looked whether there is news. What the
 * control process has said about a capture point is news, and ends the slice, so that no record is
 * passed on before its capture point is known.
 */
#include "api/slice.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "api/describe.h"
#include "api/readers.h"
#include "base/clock.h"
#include "base/parallel.h"

#define MS_NS 1000000ULL
/* A lone record waits at most this long: rings wake the reader only when they fill. */
#define IDLE_MS 20
/* Records in one round; then the end of the slice gets its turn. */
#define ROUND_RECORDS 262144

struct slice {
	struct xdpdrop *session;
	__u64 end; /* ns CLOCK_MONOTONIC */
	int over;  /* atomic: a reader has ended it */
};

static bool slice_has_news(const struct slice *slice)
{
	struct pollfd news = { .fd = slice->session->epoll_fd, .events = POLLIN };

	return poll(&news, 1, 0) > 0;
}

static bool slice_is_over(const struct slice *slice)
{
	return __atomic_load_n(&slice->over, __ATOMIC_RELAXED) || clock_monotonic() >= slice->end;
}

static void slice_wait(const struct slice *slice, const struct reader *reader)
{
	__u64 now = clock_monotonic();
	__u64 left = now < slice->end ? (slice->end - now + MS_NS - 1) / MS_NS : 0;
	struct epoll_event event;

	epoll_wait(reader->epoll_fd, &event, 1, left < IDLE_MS ? left : IDLE_MS);
}

/* All records up to @until were passed on: does another file begin? */
static int slice_cut(struct reader *reader, __u64 until)
{
	int err = sink_tick(reader->sink, until);

	if (!err && reader->cut)
		err = sink_cut(reader->sink, ROTATION_FILE);
	reader->cut = false;
	return err;
}

/* Returns the number of records, or -errno. */
static int slice_round(struct reader *reader, __u64 until)
{
	int err = 0, flushed,
	    count = rings_drain(&reader->rings, until, ROUND_RECORDS, sink_record, reader->sink);

	reader->backlog = count == ROUND_RECORDS;
	reader->until = count < 0 || reader->backlog || reader->rings.unfinished ? 0 : until;
	if (reader->until)
		err = slice_cut(reader, until);
	flushed = sink_flush(reader->sink, reader->backlog);
	return count < 0 ? count : err ? err : flushed ? flushed : count;
}

/* One round at least, so that no reader waits forever for another one's end. */
static void slice_read(void *data, unsigned int number)
{
	struct slice *slice = data;
	struct reader *reader = &slice->session->reader[number];
	int count;

	reader->result = 0;
	do {
		__u64 until;

		if (!reader->backlog)
			slice_wait(slice, reader);
		until = clock_kernel() - SETTLE_NS;
		if (slice_has_news(slice))
			break;
		count = slice_round(reader, until);
		reader->result = count < 0 ? count : reader->result + count;
	} while (count >= 0 && !slice_is_over(slice));
	__atomic_store_n(&slice->over, 1, __ATOMIC_RELAXED);
}

/* The times of all files are by the same clock, so that they merge in order. */
static void slice_set_clock(struct xdpdrop *session)
{
	sink_round(&session->sink);
	sink_report_clock(&session->sink, &session->log);
	for (unsigned int i = 1; i < session->reader_count; i++)
		session->reader[i].sink->clock = session->sink.clock;
}

/* xdpdrop_next_file() was called: that is for all. */
static void slice_take_next_file(struct xdpdrop *session)
{
	if (__atomic_exchange_n(&session->next_file, 0, __ATOMIC_RELAXED))
		for (unsigned int i = 0; i < session->reader_count; i++)
			session->reader[i].cut = true;
}

static int slice_result(struct xdpdrop *session)
{
	__u64 until = ~0ULL;
	int err = 0, count = 0;

	for (unsigned int i = 0; i < session->reader_count; i++) {
		const struct reader *reader = &session->reader[i];

		until = reader->until < until ? reader->until : until;
		if (reader->result < 0)
			err = err ? err : reader->result;
		else
			count += reader->result;
	}
	points_forget(&session->points, until);
	return err ? err : count;
}

int slice_run(struct xdpdrop *session, int ms)
{
	struct slice slice = { .session = session, .end = clock_monotonic() + ms * MS_NS };
	int err = describe_points(session);

	if (err)
		return err;
	slice_set_clock(session);
	slice_take_next_file(session);
	parallel_run(session->reader_count, session->reader_count, slice_read, &slice);
	return slice_result(session);
}
