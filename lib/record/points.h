/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The capture points of a session: the hooks and programs from which it captures. A record has the
 * index of its capture point.
 *
 * A program may be replaced while a capture runs. The new program takes over the capture point of
 * the old one if tap, interface, program name and hook name are equal. Its counters continue. Its
 * ids and reasons apply to records that are younger than the change.
 */
#ifndef XDPDROP_RECORD_POINTS_H
#define XDPDROP_RECORD_POINTS_H

#include "control.h"
#include "record/reason.h"
#include "xdpdrop.h"

/* Threads that may read the records of a session. */
#define POINTS_READERS 16

/*
 * What one reader has done with the records of a capture point. It writes this for each record, so
 * that no other reader's is in the same line of the cache, wherever the structure begins.
 */
struct point_use {
	__u64 read;	      /* records read from the rings */
	__u64 delivered;      /* of these, records passed on */
	__u64 lost;	      /* frames lost, as reported by records */
	__u64 lost_reported;  /* of these, frames already reported in the output */
	__u32 last_interface; /* the last number of any program of this capture point */
	char apart[92];
};

/* A capture point before its program was replaced. */
struct point_past {
	struct xdpdrop_point info;
	struct reasons reasons;
	__u64 since;
	__u32 interface[POINTS_READERS];
	struct point_past *older;
};

struct point {
	struct xdpdrop_point info;
	__u64 speed; /* speed of its interface in bits per second, 0: unknown or not read */
	struct reasons reasons;
	__u64 since;			 /* ns; records younger than this are from this program */
	__u32 interface[POINTS_READERS]; /* in each file, from 1; 0: not written yet */
	__u32 programs;			 /* number of programs so far */
	struct point_past *past; /* youngest first; kept as long as rings may hold their records */
	__u64 missed;		 /* runs for which the kernel did not call the fexit program */
	struct point_use use[POINTS_READERS];
};

/* Number of names kept of interfaces below captured ones. A new name replaces the oldest. */
#define POINTS_DEVICES 128

struct points {
	unsigned int count;
	unsigned int added;   /* incremented when a point opens, also one that was closed */
	unsigned int renamed; /* incremented when names of reasons change */
	unsigned int refused; /* number of hooks and programs that could not be captured */
	struct point point[XDPDROP_MAX_POINTS];
	struct reasons coming; /* names for the capture point of the next points_put() */
	struct reasons named;  /* names given by the user, for every hook */
	struct reasons rules;  /* names given by the user, of rules */
	/*
	 * Not NULL in the control process, which forwards changes to the process that reads
	 * records: called when a capture point opens, before its first record, and when it closes.
	 */
	void (*changed)(void *data, unsigned int index);
	/* Likewise, when an interface below a captured one gets a name, before its first record. */
	void (*named_device)(void *data, __u32 ifindex, const char *name);
	void *data;
	unsigned int device_count; /* number of names so far */
	struct {
		__u32 ifindex;
		char name[16];
	} devices[POINTS_DEVICES];
};

/* A capture point at the time of a record. */
struct point_view {
	const struct xdpdrop_point *info;
	const struct reasons *reasons;
	__u32 *interface; /* by reader */
};

/*
 * Open a capture point and return its index. A closed one with the same names is reused. @reasons
 * may be NULL; ownership is taken over, also on failure. -ENOSPC: there are XDPDROP_MAX_POINTS
 * already.
 */
int points_add(struct points *points, const struct xdpdrop_point *info, struct reasons *reasons);

/*
 * Set capture point @index, an existing one or the next one, to @info from time @since on, with the
 * reasons that are coming. Errors: -EINVAL: wrong index; -ENOMEM: the previous state is lost.
 */
int points_put(struct points *points, unsigned int index, const struct xdpdrop_point *info,
	       __u64 since);

/* Close capture point @index: its program was unloaded or replaced. */
void points_close(struct points *points, unsigned int index);

/* Close capture point @index, because it could not be armed for @error. */
void points_refuse(struct points *points, unsigned int index, int error);

/* Count one more hook or program that could not be captured. */
void points_count_refused(struct points *points);

/* Close all capture points of an interface. */
void points_close_interface(struct points *points, __u32 ifindex);

/* Is a capture point of this interface open? */
bool points_has_open(const struct points *points, __u32 ifindex);

/* The sum of what all readers have done. */
struct point_use points_sum(const struct point *point);

/* Set the name of interface @ifindex, which is below a captured one. */
void points_name_device(struct points *points, __u32 ifindex, const char *name);

/* The name of @ifindex. NULL: unknown. */
const char *points_device(const struct points *points, __u32 ifindex);

/* The state at the time @timestamp of a record, of @past and the older ones. */
struct point_view points_view_past(struct point_past *past, __u64 timestamp);

/*
 * The state of @point at the time @timestamp of a record. Inline: a structure that a function
 * returns is stored in parts and loaded as a whole, and the load waits for all stores before it.
 */
static inline struct point_view points_view(struct point *point, __u64 timestamp)
{
	if (point->past && timestamp < point->since)
		return points_view_past(point->past, timestamp);
	return (struct point_view){ &point->info, &point->reasons, point->interface };
}

/* Free states that only records older than @until need. */
void points_forget(struct points *points, __u64 until);

void points_free(struct points *points);

#endif
