/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The sink: writes records to the output file or sends them to clients, passes them to the handler,
 * or both, and counts the result for each.
 */
#ifndef XDPDROP_OUTPUT_SINK_H
#define XDPDROP_OUTPUT_SINK_H

#include "base/clock.h"
#include "base/log.h"
#include "output/clients.h"
#include "output/comment.h"
#include "output/recorder.h"
#include "output/rotation.h"
#include "output/rule_counts.h"
#include "output/writer.h"
#include "record/points.h"
#include "tally.h"

#include <sys/utsname.h>

#define SINK_COMMENT 256

/* A series of files instead of one. */
struct sink_files {
	struct rotation rotation;
	/*
	 * Opens the next file; for ROTATION_PERIOD the first one of the period that begins at
	 * @start, in s since the epoch. Returns a descriptor, owned by the sink, or -errno. NULL:
	 * there is no series.
	 */
	int (*next)(void *data, enum rotation_cut cut, __u64 start);
	/* Writes the totals of a file that another one follows. 0 or -errno. */
	int (*end)(void *data);
	void *data;
	__u64 count; /* of files begun */
	bool over;   /* the last period has ended */
};

struct sink {
	const struct writer_ops *writer; /* NULL: no output */
	struct buffer out;
	struct clients *clients; /* take what is in the buffer; NULL: a file */
	struct sink_files files;
	struct recorder *recorder; /* frames are kept until a file begins; NULL: none are */
	struct writer_file file;   /* its strings are these: */
	struct utsname system;
	char os[sizeof(((struct utsname *)0)->sysname) + sizeof(((struct utsname *)0)->release)];
	char comment[SINK_COMMENT];
	char *application;
	bool unbuffered;
	unsigned int reader; /* its number among those of the session */
	__u32 interfaces;    /* number of interfaces in the file */
	/* Describes a capture point of @sink, and calls sink_put_interface(). 0 or -errno. */
	int (*describe)(void *data, struct sink *sink, unsigned int index,
			const struct xdpdrop_point *info);
	void *describe_data;
	xdpdrop_record_fn handler;
	void *handler_data;
	struct clock_offset clock;
	__u64 set_back; /* ns by which times in the file go back, not logged yet */
	__u64 start;	/* of the file, ns since the epoch */
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

/* Set the output. Errors: -EINVAL, -ENOMEM, those of epoll. */
int sink_set_output(struct sink *sink, const struct xdpdrop_output *output);

/*
 * Write the file's header, with @comment unless that is empty. Records will be of @points. 0 or
 * -errno.
 */
int sink_begin(struct sink *sink, struct points *points, __u32 snaplen, const char *comment);

/*
 * Begin the first file of a series, before the first record. 0 or the output's error; there may be
 * no series.
 */
int sink_begin_files(struct sink *sink);

/*
 * With a recorder: begin a file with all frames that are kept, at @time in ns since the epoch.
 * pcapng: @comment is that of the section. 0 or -errno.
 */
int sink_begin_snapshot(struct sink *sink, __u64 time, const char *comment);

/* With a recorder: end the file that is open. 0 or -errno. */
int sink_end_snapshot(struct sink *sink);

/* End the present file of a series as @cut requires. 0; -ENODATA: the last period has ended. */
int sink_cut(struct sink *sink, enum rotation_cut cut);

/* All records up to the kernel's time @until were passed on: a period may end. As sink_cut(). */
int sink_tick(struct sink *sink, __u64 until);

/* Write the header, and the open capture points. 0 or the output's error. */
int sink_begin_file(struct sink *sink);

/* Add @point, as @view shows it, to the file as its next interface. 0 or -errno. */
int sink_announce(struct sink *sink, struct point *point, const struct point_view *view);

/* Add capture point @index to the file if it is not in it. 0 or -errno. */
int sink_announce_point(struct sink *sink, unsigned int index);

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
void sink_report_clock(struct sink *sink, const struct log *log);

/* A ring_record_fn; @data is a struct sink. -ENODATA: the limit is reached. */
int sink_record(void *data, const struct xdpdrop_record *record);

/*
 * Write a record that was in no ring, with @packet's interface and texts. 0, or -errno: the output
 * has failed.
 */
int sink_put(struct sink *sink, const struct xdpdrop_record *record, struct writer_packet *packet);

/*
 * Write the buffer to the file, but for a part that the next call writes, or do what clients need.
 * @more: the next records follow at once, and a file waits for these. 0 or -errno.
 */
int sink_flush(struct sink *sink, bool more);

/* The capture is disarmed: the remaining records can wait for slow clients. */
void sink_end(struct sink *sink);

/* After the last record, before totals: flush, and wait for clients. 0 or -errno. */
int sink_drain(struct sink *sink);

/* Does the format store the totals of capture points? */
bool sink_takes_counts(const struct sink *sink);

/*
 * Write the totals of capture point @index, if it is in the file. Each client gets totals of its
 * own. 0 or -errno.
 */
int sink_put_counts(struct sink *sink, unsigned int index, const struct writer_counts *counts);

/* Finish the file. 0 or the output's first error. */
int sink_finish(struct sink *sink);

/* Fill in the counters of records. */
void sink_count(const struct sink *sink, struct xdpdrop_stats *stats);

void sink_free(struct sink *sink);

#endif
