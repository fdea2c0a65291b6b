/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters for programs: one JSON object a line, to a file or a descriptor. Owns the descriptor
 * and the object that is being written. A reader that is too slow gets fewer objects, each of them
 * whole, and never holds up the capture.
 */
#ifndef XDPDROP_STATISTICS_H
#define XDPDROP_STATISTICS_H

#include <stdbool.h>
#include <xdpdrop/xdpdrop.h>

#include "output.h"

struct statistics {
	int fd; /* -1: not asked for */
	struct output output;
	bool named; /* by a path, so that the output is ours */
	const char *ifname;
	const char *file;
	__u64 start_ms; /* of the capture, on the steady clock that the others are on, too */
	char *object;	/* the one that is being written, NULL: none */
	size_t length, written; /* its bytes */
	__u64 skipped;		/* objects that came while another one was being written */
	int error;		/* first one, -errno */
};

/*
 * @where: a number is a descriptor that is open already, "-" standard output, anything else the
 * path of a file; NULL: nothing is written.
 * Returns 0; -EINVAL for what cannot be right; else -errno; then @why has words.
 */
int statistics_open(struct statistics *statistics, const char *where,
		    const struct output_wait *wait, const char **why);

/* A capture from @ifname to @file has begun at @now_ms: cut off a file's old content. */
void statistics_begin(struct statistics *statistics, const char *ifname, const char *file,
		      __u64 now_ms);

/*
 * Write an object, as far as there is room, or skip it if the one before it is not written yet.
 * @type: "start", "interval" or "signal"; or "final", which is waited for. Errors are kept, and end
 * it.
 */
void statistics_write(struct statistics *statistics, const char *type,
		      const struct xdpdrop *session, const struct xdpdrop_stats *stats,
		      __u64 now_ms);

/* Write more of an object for which there was no room. Never waits. */
void statistics_flush(struct statistics *statistics);

/* Returns 0 or the first error, with words in @why. A file in which nothing is goes. */
int statistics_close(struct statistics *statistics, const char **why);

#endif
