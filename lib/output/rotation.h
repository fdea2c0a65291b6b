/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When a file of a series ends: at a size, or at a time. Neither names nor opens files.
 */
#ifndef XDPDROP_OUTPUT_ROTATION_H
#define XDPDROP_OUTPUT_ROTATION_H

#include <linux/types.h>

enum rotation_cut {
	ROTATION_NONE,	 /* the file goes on */
	ROTATION_FILE,	 /* the next file of this period begins */
	ROTATION_PERIOD, /* the next period begins, with a file */
	ROTATION_END,	 /* the last period has ended */
	ROTATION_EVENT,	 /* the next file begins because of an event */
};

struct rotation {
	__u64 bytes;   /* a file larger than this ends; 0: no limit */
	__u64 period;  /* ns; 0: no periods */
	__u64 periods; /* so many, and then the series ends; 0: without end */
	__u64 start;   /* of the present period, ns since the epoch, a whole second */
	__u64 ended;   /* periods that have ended */
};

/* The first period begins. */
void rotation_begin(struct rotation *rotation, __u64 realtime);

/* A record of @realtime comes, and the file has @bytes. With ROTATION_PERIOD ->start is set. */
enum rotation_cut rotation_check(struct rotation *rotation, __u64 realtime, __u64 bytes);

/*
 * All records up to @realtime were written. As rotation_check() without a size; a new period begins
 * also if the clock was set back to before the present one.
 */
enum rotation_cut rotation_tick(struct rotation *rotation, __u64 realtime);

#endif
