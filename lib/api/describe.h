/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The parts of an output file besides its records: header, capture points, and totals.
 */
#ifndef XDPDROP_API_DESCRIBE_H
#define XDPDROP_API_DESCRIBE_H

#include "api/session.h"

/* Write the file's header. 0 or -errno. */
int describe_begin(struct xdpdrop *session);

/* Find out the speeds of interfaces while this process still may. */
void describe_speeds(struct xdpdrop *session);

/* Write new capture points, before their first records. 0 or -errno. */
int describe_points(struct xdpdrop *session);

/*
 * The totals since the file's beginning, of a file of @reader that another one follows. With
 * several readers they are of the CPUs whose rings it reads. 0 or -errno.
 */
int describe_file_end(struct xdpdrop *session, unsigned int reader);

/* What has been counted up to now; its rows are the caller's to free. 0 or -ENOMEM. */
int describe_count(const struct xdpdrop *session, struct counted *now);

/*
 * The totals of the next file are those since @before, which was at @start in ns since the epoch.
 * Takes over its rows.
 */
void describe_set_before(struct xdpdrop *session, struct counted *before, __u64 start);

/* Call @fn for each reason with frames between the file's beginning and @now. */
void describe_each_since(const struct xdpdrop *session, const struct counted *now,
			 xdpdrop_reason_fn fn, void *data);

/* Write the totals since the last call for @reader. 0 or -errno. */
int describe_totals(struct xdpdrop *session, unsigned int reader);

/* Write new capture points and all totals, and finish the file. 0 or the output's first error. */
int describe_end(struct xdpdrop *session);

#endif
