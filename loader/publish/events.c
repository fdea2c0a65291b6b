// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue of events. Its lines are written whole: a pipe takes PIPE_BUF bytes or none.
 */
#include "publish/events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/steady.h"
#include "publish/event_line.h"

#define QUEUE (256 * 1024)
#define PATIENCE_MS 2000 /* for a slow reader, at the end */

_Static_assert(EVENT_LINE <= PIPE_BUF, "a line is written as a whole");

/* "-" and whole numbers are descriptors; "./1" is a file. -1: a file; -2: no descriptor. */
static int events_descriptor_of(const char *where)
{
	long number;

	if (!strcmp(where, "-"))
		return STDOUT_FILENO;
	if (where[strspn(where, "0123456789")])
		return -1;
	number = strtol(where, NULL, 10);
	return number <= INT_MAX ? number : -2;
}

bool events_to_stdout(const char *where)
{
	return events_descriptor_of(where) == STDOUT_FILENO;
}

static int events_check_descriptor(int fd, const char **why)
{
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
		return 0;
	*why = "it is not a descriptor open for writing";
	return -EINVAL;
}

/* Append to the file. */
static int events_open_named(struct events *events, const char *path,
			     const struct output_wait *wait, const char **why)
{
	struct output_error error;
	int err = output_open(&events->output, path, wait, &error);

	if (!err && output_lock(&events->output, &error)) {
		output_close(&events->output);
		err = -EBUSY;
	}
	if (err) {
		*why = error.why ? error.why : strerror(-err);
		return error.misuse ? -EINVAL : err;
	}
	events->named = true;
	events->fd = events->output.fd;
	if (events->output.regular)
		lseek(events->fd, 0, SEEK_END);
	return 0;
}

int events_open(struct events *events, const char *where, const struct output_wait *wait,
		const char **why)
{
	int fd, err;

	*events = (struct events){ .fd = -1 };
	if (!where)
		return 0;
	events->queue = malloc(QUEUE);
	if (!events->queue) {
		*why = strerror(ENOMEM);
		return -ENOMEM;
	}
	if (gethostname(events->host, sizeof(events->host) - 1))
		events->host[0] = '\0';
	/* gmtime_r() reads a file the first time */
	tzset();
	fd = events_descriptor_of(where);
	if (fd == -1)
		return events_open_named(events, where, wait, why);
	err = events_check_descriptor(fd, why);
	events->fd = err ? -1 : fd;
	return err;
}

/* Number of lines that end in @length bytes of @text. */
static __u64 events_lines(const char *text, size_t length)
{
	__u64 lines = 0;

	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Bytes of whole lines that a pipe takes as a whole. */
static size_t events_chunk(const struct events *events)
{
	size_t length = events->used < PIPE_BUF ? events->used : PIPE_BUF;
	const char *end = memrchr(events->queue, '\n', length);

	return end ? (size_t)(end + 1 - events->queue) : length;
}

/*
 * A writable pipe takes PIPE_BUF bytes, and a socket gets MSG_DONTWAIT. The descriptor's flags are
 * not changed, because another process may share them.
 */
static ssize_t events_write_some(const struct events *events, size_t length)
{
	struct pollfd pollfd = { .fd = events->fd, .events = POLLOUT };
	ssize_t written;

	if (poll(&pollfd, 1, 0) <= 0)
		return -EAGAIN;
	written = send(events->fd, events->queue, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written < 0 && errno == ENOTSOCK)
		written = write(events->fd, events->queue, length);
	return written < 0 ? -errno : written;
}

static void events_remove(struct events *events, size_t length)
{
	const char *end = memrchr(events->queue, '\n', length);

	events->written += events_lines(events->queue, length);
	events->cut = end ? length - (end + 1 - events->queue) : events->cut + length;
	events->used -= length;
	memmove(events->queue, events->queue + length, events->used);
}

static void events_lose_queue(struct events *events)
{
	events->lost += events_lines(events->queue, events->used);
	events->used = 0;
}

/* Report the first error. Those of a full disk may end. */
static void events_fail(struct events *events, int err)
{
	if (events->error)
		return;
	events->error = err;
	if (err != -EPIPE)
		report_error(events->report, "cannot write events: %s; they are lost, and counted",
			     strerror(-err));
	else if (events->fd != STDOUT_FILENO)
		report_message(events->report, XDPDROP_LOG_WARN,
			       "the reader of events has closed them; they are lost, and counted");
}

int events_flush(struct events *events)
{
	while (events->fd >= 0 && events->used && events->error != -EPIPE) {
		ssize_t written = events_write_some(events, events_chunk(events));

		if (written == -EINTR)
			continue;
		if (written == -EAGAIN)
			break;
		if (written < 0) {
			events_fail(events, written == -ECONNRESET ? -EPIPE : written);
			break;
		}
		events_remove(events, written);
	}
	if (events->error == -EPIPE)
		events_lose_queue(events);
	return events->error == -EPIPE && events->fd == STDOUT_FILENO ? -EPIPE : 0;
}

static void events_add(struct events *events, const struct event *event)
{
	char line[EVENT_LINE + 1];
	FILE *stream = fmemopen(line, sizeof(line), "w");
	long length;

	if (!stream) {
		events->lost++;
		return;
	}
	event_line(stream, event);
	length = ftell(stream);
	if (!fclose(stream) && length > 0 && length <= EVENT_LINE && line[length - 1] == '\n' &&
	    QUEUE - events->used >= (size_t)length) {
		memcpy(events->queue + events->used, line, length);
		events->used += length;
	} else {
		events->lost++;
	}
}

int events_take(void *data, const struct xdpdrop_point *point, const struct xdpdrop_record *record,
		__u64 realtime_ns)
{
	struct events *events = data;
	struct event event = {
		.host = events->host,
		.point = point,
		.record = record,
		.realtime_ns = realtime_ns,
	};

	if (record->flags & XDPDROP_F_EXCEPTION)
		return 0;
	if (record->reason)
		event.reason = xdpdrop_reason_name(events->session, record->point, record->reason);
	if (record->rule)
		event.rule = xdpdrop_rule_name(events->session, record->rule);
	events_add(events, &event);
	return events_flush(events);
}

/* Nothing else is left to do, so wait for the reader. */
static void events_drain(struct events *events)
{
	struct pollfd pollfd = { .fd = events->fd, .events = POLLOUT };
	__u64 start_ms = steady_ms();
	long left = PATIENCE_MS;

	events_flush(events);
	while (events->used && !events->error && left > 0) {
		poll(&pollfd, 1, left);
		events_flush(events);
		left = PATIENCE_MS - (long)(steady_ms() - start_ms);
	}
}

/* A file ends with a whole line. */
static void events_uncut(const struct events *events)
{
	off_t end;

	if (!events->cut || !events->named || !events->output.regular)
		return;
	end = lseek(events->fd, 0, SEEK_CUR);
	if (end >= (off_t)events->cut)
		ftruncate(events->fd, end - events->cut);
}

int events_close(struct events *events)
{
	int closed = 0;

	if (events->fd >= 0) {
		events_drain(events);
		events_uncut(events);
		events_lose_queue(events);
	}
	if (events->named) {
		output_discard(&events->output);
		closed = output_close(&events->output);
	}
	if (closed)
		events_fail(events, closed);
	free(events->queue);
	events->queue = NULL;
	events->fd = -1;
	events->named = false;
	return events->error == -EPIPE ? 0 : events->error;
}
