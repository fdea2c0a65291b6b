/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The places where a session captures; a record's capture point is an index here.
 *
 * Programs are replaced while a capture runs. What has the same tap, interface, program name and
 * hook name as one that is gone is the same capture point: its counters go on, and its ids and
 * reasons are the new program's for records that are younger than the change.
 */
#ifndef XDPDROP_RECORD_POINTS_H
#define XDPDROP_RECORD_POINTS_H

#include "control.h"
#include "record/reason.h"
#include "xdpdrop.h"

/* What a capture point was before its program was replaced. */
struct point_past {
	struct xdpdrop_point info;
	struct reasons reasons;
	__u64 since;
	__u32 interface;
	struct point_past *older;
};

struct point {
	struct xdpdrop_point info;
	__u64 speed; /* bits a second of its interface, 0: not known, or not asked for */
	struct reasons reasons;
	__u64 since;	      /* ns; younger records are this program's */
	__u32 interface;      /* its number in the output, from 1; 0: the output has none of it */
	__u32 last_interface; /* likewise, of any program of this capture point */
	__u32 programs;	      /* that this capture point has had, one after another */
	struct point_past *past; /* younger ones first; as long as rings may have their records */
	__u64 read;		 /* records of this capture point that came out of the rings */
	__u64 delivered;	 /* of these, passed on */
	__u64 lost;		 /* frames lost, as the records read tell */
	__u64 lost_told;	 /* of those, what the output already shows */
	__u64 missed;		 /* runs for which the kernel did not call us, as last read */
};

/* Interfaces below a captured one whose names are kept; the oldest goes first. */
#define POINTS_DEVICES 128

struct points {
	unsigned int count;
	unsigned int renamed; /* one more with each change of names of reasons */
	unsigned int refused; /* hooks and programs that could not be captured, in all */
	struct point point[XDPDROP_MAX_POINTS];
	struct reasons named; /* by the user, at every hook */
	struct reasons rules; /* likewise, names of rules */
	/*
	 * If not NULL another process reads the records: called when a capture point opens, before
	 * it has any, and when it closes.
	 */
	void (*changed)(void *data, unsigned int index);
	/* Likewise when an interface below a captured one gets a name, before it has records. */
	void (*named_device)(void *data, __u32 ifindex, const char *name);
	void *data;
	unsigned int device_count; /* ever named */
	struct {
		__u32 ifindex;
		char name[16];
	} devices[POINTS_DEVICES];
};

/* What a record's capture point was when the record was made. */
struct point_view {
	const struct xdpdrop_point *info;
	const struct reasons *reasons;
	__u32 *interface;
};

/*
 * Open a capture point and return its index, or -ENOSPC: XDPDROP_MAX_POINTS others are there. One
 * that is gone and is the same is taken up again. @reasons is taken over, also on failure.
 */
int points_add(struct points *points, const struct xdpdrop_point *info, struct reasons *reasons);

/*
 * Make capture point @index, at most one beyond the last, be @info from @since on, without reasons.
 * -EINVAL: beyond. -ENOMEM: what it was is forgotten.
 */
int points_put(struct points *points, unsigned int index, const struct xdpdrop_point *info,
	       __u64 since);

/* Name a reason of capture point @index, which exists. Errors: -ENOMEM. */
int points_name_reason(struct points *points, unsigned int index, __u32 reason, const char *name);

/* Capture point @index is gone: unloaded, replaced. */
void points_close(struct points *points, unsigned int index);

/* It was opened, and could not be armed for @error. */
void points_refuse(struct points *points, unsigned int index, int error);

/* One more hook or program could not be captured: its frames are missing. */
void points_count_refused(struct points *points);

/* All capture points of an interface are gone. */
void points_close_interface(struct points *points, __u32 ifindex);

/* Is one of this interface open? */
bool points_has_open(const struct points *points, __u32 ifindex);

/* Records may come from @ifindex, which is below a captured interface and called @name. */
void points_name_device(struct points *points, __u32 ifindex, const char *name);

/* The name of @ifindex, NULL: none is known. */
const char *points_device(const struct points *points, __u32 ifindex);

/* @point for a record of the time @timestamp. */
struct point_view points_view(struct point *point, __u64 timestamp);

/* No record older than @until is left in a ring. */
void points_forget(struct points *points, __u64 until);

void points_free(struct points *points);

#endif
