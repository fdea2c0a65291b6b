/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters for programs: one JSON object per line, to a file or a descriptor. Owns the descriptor
 * and the object being written. For a slow reader whole objects are skipped. The reader never
 * blocks the capture.
 */
#ifndef XDPDROP_STATISTICS_H
#define XDPDROP_STATISTICS_H

#include <stdbool.h>
#include <xdpdrop/xdpdrop.h>

#include "common/output.h"

struct statistics {
	int fd; /* -1: no statistics */
	struct output output;
	bool named; /* named by a path, so that output owns the descriptor */
	const char *ifname;
	const char *file;
	__u64 start_ms;		/* start of the capture, on the steady clock */
	char *object;		/* the object being written, or NULL */
	size_t length, written; /* its length, and the bytes written so far */
	__u64 skipped; /* number of objects skipped because another one was being written */
	int error;     /* first error, -errno */
	int status;    /* of the capture, for the final object */
};

/*
 * @where: the number of an open descriptor, "-" for standard output, or the path of a file. NULL:
 * nothing is written. Returns 0; -EINVAL: @where is invalid; otherwise -errno; then @why is the
 * reason.
 */
int statistics_open(struct statistics *statistics, const char *where,
		    const struct output_wait *wait, const char **why);

/* A capture from @ifname to @file has begun at @now_ms: truncate the file's old content. */
void statistics_begin(struct statistics *statistics, const char *ifname, const char *file,
		      __u64 now_ms);

/*
 * Write an object as far as there is room, or skip it if the previous one is incomplete. @type:
 * "start", "interval", "signal", or "final", which is waited for. The first error is kept and ends
 * the statistics.
 */
void statistics_write(struct statistics *statistics, const char *type,
		      const struct xdpdrop *session, const struct xdpdrop_stats *stats,
		      __u64 now_ms);

/* Continue with an incomplete object. Never waits. */
void statistics_flush(struct statistics *statistics);

/* Returns 0 or the first error, with the reason in @why. Removes an empty file. */
int statistics_close(struct statistics *statistics, const char **why);

#endif
