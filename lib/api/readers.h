/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Who reads the rings of a session: the thread that polls, into the session's sink, or several
 * threads at once. Then each has rings, a file and counters of its own. Nobody else reads or writes
 * these while the threads run, which is only within xdpdrop_poll(). Sums are over all readers.
 */
#ifndef XDPDROP_API_READERS_H
#define XDPDROP_API_READERS_H

#include "api/session.h"
#include "api/totals.h"

/* One of several. The first one has the sink of the session. */
struct reader {
	struct sink *sink;
	struct rings rings;
	int epoll_fd;	       /* its rings, and what ends the threads' work */
	bool backlog;	       /* its last round left records behind */
	__u64 until;	       /* ns; no older records are in its rings; 0: not known */
	bool cut;	       /* its next file is to begin */
	int result;	       /* of its last slice: records passed on, or -errno */
	struct counted before; /* its present file began */
};

/*
 * A reader for each file, or series of files, that @output has for threads; none: the session
 * reads. Errors: -EINVAL, -ENOMEM; then the session has no readers.
 */
int readers_set(struct xdpdrop *session, const struct xdpdrop_output *output);

/*
 * Give the ring of @cpu, map @fd, to the reader of session @data with the fewest ones, or to the
 * session itself. 0 or -errno.
 */
int readers_add_ring(void *data, __u32 cpu, int fd, size_t size);

/* Unmap all rings, in a process that does not read them. */
void readers_free_rings(struct xdpdrop *session);

void readers_free(struct xdpdrop *session);

/* Number of sinks of a session, at least 1. */
unsigned int readers_count(const struct xdpdrop *session);
struct sink *readers_sink(struct xdpdrop *session, unsigned int reader);

/* What was counted when the present file of @reader began. */
struct counted *readers_before(struct xdpdrop *session, unsigned int reader);

/* Begin the first file of each, as sink_begin_files(). */
int readers_begin_files(struct xdpdrop *session);

/* Those that have no error yet write nothing any more: -ECANCELED. Frames count as not written. */
void readers_cancel(struct xdpdrop *session);

/* Stop waiting for slow outputs, as sink_break(). */
void readers_break(struct xdpdrop *session);

/* Invalid records in all rings. */
__u64 readers_invalid(const struct xdpdrop *session);

/* Where the session has counted. @only: of this reader; negative: of all. */
struct totals readers_totals(const struct xdpdrop *session, int only);

/* Fill in the counters of records. */
void readers_count_records(struct xdpdrop *session, struct xdpdrop_stats *stats);

/* The sum of what all have counted by rule; to be freed. NULL: no memory. */
struct rule_counts *readers_rules(const struct xdpdrop *session);

#endif
