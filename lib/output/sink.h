/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The sink: writes records to the output file, passes them to the handler, or both, and counts the
 * result for each.
 */
#ifndef XDPDROP_OUTPUT_SINK_H
#define XDPDROP_OUTPUT_SINK_H

#include "base/clock.h"
#include "base/log.h"
#include "output/comment.h"
#include "output/rule_counts.h"
#include "output/writer.h"
#include "record/points.h"
#include "tally.h"

struct sink {
	const struct writer_ops *writer; /* NULL: no output */
	struct buffer out;
	struct writer_file file; /* strings are valid only before sink_begin() */
	bool unbuffered;
	__u32 interfaces; /* number of interfaces in the file */
	/* Describes a capture point, and calls sink_put_interface(). 0 or -errno. */
	int (*describe)(void *data, unsigned int index, const struct xdpdrop_point *info);
	void *describe_data;
	xdpdrop_record_fn handler;
	void *handler_data;
	struct clock_offset clock;
	__u64 set_back; /* ns by which times in the file go back, not logged yet */
	__u64 start;	/* of the capture, ns since the epoch */
	__u64 limit;	/* maximum number of records, 0: no limit */
	__u64 passed;
	__u64 handled; /* records accepted by the handler, if there is no output */
	__u64 over_limit;
	struct points *points;
	struct xdpdrop_tally captured; /* by reason */
	struct rule_counts rules;
	struct comments comments;
	__u32 sample;	      /* of the previous record */
	char sample_text[32]; /* its text */
	__u32 device;	      /* interface named in device_text */
	char device_text[32];
};

/* Set the output. Errors: -EINVAL, -ENOMEM. */
int sink_set_output(struct sink *sink, const struct xdpdrop_output *output);

/*
 * Write the file's header, with @comment unless that is empty. Records will be of @points. 0 or
 * -errno.
 */
int sink_begin(struct sink *sink, struct points *points, __u32 snaplen, const char *comment);

/* Stop waiting for a reader that does not read. May be called from any thread or signal handler. */
void sink_break(struct sink *sink);

/*
 * Add new capture points to the file. After a program was replaced, its first record adds another
 * interface to the file. 0 or -errno.
 */
int sink_announce_new(struct sink *sink);

/* Called by sink->describe(): add the next interface to the file. 0 or -errno. */
int sink_put_interface(struct sink *sink, const struct writer_interface *interface);

/* Called before each round of records: update the clock. */
void sink_round(struct sink *sink);

/* Log a step of the clock since the last call. */
void sink_tell(struct sink *sink, const struct log *log);

/* A ring_record_fn; @data is a struct sink. -ENODATA: the limit is reached. */
int sink_record(void *data, const struct xdpdrop_record *record);

/* Write the buffer to the file. 0 or -errno. */
int sink_flush(struct sink *sink);

/* Does the format store the totals of capture points? */
bool sink_takes_counts(const struct sink *sink);

/* Write the totals of capture point @index, if it is in the file. 0 or -errno. */
int sink_put_counts(struct sink *sink, unsigned int index, const struct writer_counts *counts);

/* Finish the file. 0 or the output's first error. */
int sink_finish(struct sink *sink);

/* Fill in the counters of records. */
void sink_count(const struct sink *sink, struct xdpdrop_stats *stats);

void sink_free(struct sink *sink);

#endif
