/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The places where a session captures; a record's capture point is an index here.
 */
#ifndef XDPDROP_RECORD_POINTS_H
#define XDPDROP_RECORD_POINTS_H

#include "control.h"
#include "record/reason.h"
#include "xdpdrop.h"

struct point {
	struct xdpdrop_point info;
	__u64 speed; /* bits a second of its interface, 0: not known, or not asked for */
	struct reasons reasons;
	__u64 read;	 /* records of this capture point that came out of the rings */
	__u64 delivered; /* of these, passed on */
	__u64 lost;	 /* frames lost, as the records read tell */
	__u64 lost_told; /* of those, what the output already shows */
	__u64 missed;	 /* runs for which the kernel did not call us, as last read */
};

/* Interfaces below a captured one whose names are kept; the oldest goes first. */
#define POINTS_DEVICES 128

struct points {
	unsigned int count;
	unsigned int renamed; /* one more with each change of names of reasons */
	struct point point[XDPDROP_MAX_POINTS];
	struct reasons named; /* by the user, at every hook */
	struct reasons rules; /* likewise, names of rules */
	/*
	 * Called, if not NULL, when a capture point opens, before it has records, and when it
	 * closes.
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

/*
 * Add a capture point and return its index, or -ENOSPC. A capture point that is gone and was the
 * same hook or program is taken up again. @reasons is taken over, also on failure.
 */
int points_add(struct points *points, const struct xdpdrop_point *info, struct reasons *reasons);

/*
 * Make capture point @index, at most one beyond the last, be @info, without reasons. -EINVAL:
 * beyond.
 */
int points_put(struct points *points, unsigned int index, const struct xdpdrop_point *info);

/* Name a reason of capture point @index, which exists. Errors: -ENOMEM. */
int points_name_reason(struct points *points, unsigned int index, __u32 reason, const char *name);

/* Capture point @index is gone: unloaded, replaced, or not armed after all. */
void points_close(struct points *points, unsigned int index);

/* So are all capture points of an interface. */
void points_close_interface(struct points *points, __u32 ifindex);

/* Records may come from @ifindex, which is below a captured interface and called @name. */
void points_name_device(struct points *points, __u32 ifindex, const char *name);

/* The name of @ifindex, NULL: none is known. */
const char *points_device(const struct points *points, __u32 ifindex);

void points_free(struct points *points);

#endif
