/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The far end of a session: records to the output file, to the handler, or both, with the
 * accounting of what became of each.
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
	struct writer_file file; /* no strings, except before sink_begin() the application */
	bool unbuffered;
	unsigned int announced; /* capture points that the file has */
	xdpdrop_record_fn handler;
	void *handler_data;
	struct clock_offset clock;
	__u64 set_back; /* ns by which times in the file go back; for the session to tell */
	__u64 start;	/* of the capture, ns since the epoch */
	__u64 limit;	/* records to pass on, 0: all */
	__u64 passed;
	__u64 handled; /* accepted by the handler, where there is no output */
	__u64 over_limit;
	struct points *points;
	struct xdpdrop_tally captured; /* by reason */
	struct rule_counts rules;
	struct comments comments;
	__u32 sample;	      /* of the record before */
	char sample_text[32]; /* the same in words */
};

/* Choose the output. Errors: -EINVAL, -ENOMEM. */
int sink_set_output(struct sink *sink, const struct xdpdrop_output *output);

/*
 * The file's header, with @comment unless that is empty. Records will be of @points. 0 or -errno.
 */
int sink_begin(struct sink *sink, struct points *points, __u32 snaplen, const char *comment);

/* Wait no longer for a reader that does not read. From any thread or signal handler. */
void sink_break(struct sink *sink);

/* Is there a capture point that the file does not have and needs, number sink->announced? */
bool sink_lacks_point(const struct sink *sink);

/* Put that one into the file, before its first record. 0 or -errno. */
int sink_announce(struct sink *sink, const struct writer_interface *interface);

/* Before each round of records: look at the clock. */
void sink_round(struct sink *sink);

/* Log what somebody has done to the clock since the last call. */
void sink_tell(struct sink *sink, const struct log *log);

/* A ring_record_fn; @data is a struct sink. -ENODATA: the limit is reached. */
int sink_record(void *data, const struct xdpdrop_record *record);

/* Put what is buffered into the file. 0 or -errno. */
int sink_flush(struct sink *sink);

/* Does the file have room for the totals of capture points? */
bool sink_takes_counts(const struct sink *sink);

/* The totals of announced capture point @index. 0 or -errno. */
int sink_put_counts(struct sink *sink, unsigned int index, const struct writer_counts *counts);

/* The file's end. 0 or the output's first error. */
int sink_finish(struct sink *sink);

/* What became of the records so far. */
void sink_count(const struct sink *sink, struct xdpdrop_stats *stats);

void sink_free(struct sink *sink);

#endif
