/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The far end of a session: records to the output file, to the handler, or both, with the
 * accounting of what became of each.
 */
#ifndef XDPDROP_DELIVERY_H
#define XDPDROP_DELIVERY_H

#include "clock.h"
#include "kernel.h"
#include "log.h"
#include "sites.h"
#include "totals.h"
#include "writer.h"

struct delivery {
	const struct writer_ops *writer; /* NULL: no output */
	struct outbuf out;
	struct writer_file file;
	bool unbuffered;
	unsigned int announced; /* sites that the file knows */
	xdpdrop_record_fn handler;
	void *handler_data;
	struct clock_offset clock;
	__u64 set_back; /* ns by which times in the file go back; for the session to tell */
	__u64 start;	/* of the capture, ns since the epoch */
	__u64 limit;	/* records to pass on, 0: all */
	__u64 passed;
	__u64 handled; /* accepted by the handler, where there is no output */
	__u64 surplus;
	struct sites *sites;
	struct xdpdrop_tally captured; /* by reason */
	__u32 sample;		       /* of the record before */
	char sample_text[32];	       /* the same in words */
};

/* Choose the output. Errors: -EINVAL, -ENOMEM. */
int delivery_set_output(struct delivery *delivery, const struct xdpdrop_output *output);

/* The file's header. @stop: see struct outbuf. 0 or -errno. */
int delivery_begin(struct delivery *delivery, struct sites *sites, const struct xdpdrop_opts *opts,
		   const volatile int *stop);

/* Before each round of records: clock and new sites. */
int delivery_round(struct delivery *delivery);

/* Log what somebody has done to the clock since the last call. */
void delivery_tell(struct delivery *delivery, const struct log *log);

/* A ring_record_fn; @data is a struct delivery. -ENODATA: the limit is reached. */
int delivery_record(void *data, const struct xdpdrop_record *record);

/* Put what is buffered into the file. 0 or -errno. */
int delivery_flush(struct delivery *delivery);

/* The file's end, with each site's totals. 0 or the output's first error. */
int delivery_finish(struct delivery *delivery, const struct kernel *kernel);

/* What became of the records so far. */
void delivery_count(const struct delivery *delivery, struct xdpdrop_stats *stats);

void delivery_free(struct delivery *delivery);

#endif
