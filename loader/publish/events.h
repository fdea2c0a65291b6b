/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes an event for each sampled frame to a file or a descriptor. Never waits: events for which
 * there is no room, or that cannot be written, are lost as a whole, and counted.
 */
#ifndef XDPDROP_LOADER_EVENTS_H
#define XDPDROP_LOADER_EVENTS_H

#include <limits.h>
#include <stdbool.h>
#include <xdpdrop/xdpdrop.h>

#include "common/output.h"
#include "common/report.h"

struct events {
	int fd; /* -1: there are no events */
	struct output output;
	bool named; /* by a path, so that output owns the descriptor */
	struct xdpdrop *session;
	struct report *report;
	char host[HOST_NAME_MAX + 1];
	char *queue;
	size_t used;
	size_t cut; /* bytes of the first line in the queue that are written */
	__u64 written, lost;
	int error; /* first error of a write, -errno; -EPIPE: the reader has gone */
};

/* Does @where name standard output? */
bool events_to_stdout(const char *where);

/*
 * @where: the number of an open descriptor, "-" for standard output, or the path of a file, to
 * which events are appended. NULL: none. Returns 0; -EINVAL: @where is invalid; otherwise -errno;
 * then @why is the reason.
 */
int events_open(struct events *events, const char *where, const struct output_wait *wait,
		const char **why);

/* An xdpdrop_record_fn; @events: a struct events. -EPIPE: the reader of standard output has gone.
 */
int events_take(void *events, const struct xdpdrop_point *point,
		const struct xdpdrop_record *record, __u64 realtime_ns);

/* Write what is queued, as far as there is room. Errors as of events_take(). */
int events_flush(struct events *events);

/*
 * Wait a while for a slow reader, count the events that it did not take, and close. Returns 0, or
 * the first error, which has been reported, but for a reader that has gone.
 */
int events_close(struct events *events);

#endif
