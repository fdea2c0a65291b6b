/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Compares the drops that a session saw with those that the driver of the interface counted. A
 * warning reports drops that the tap cannot show.
 */
#ifndef XDPDROP_API_DRIVER_COUNT_H
#define XDPDROP_API_DRIVER_COUNT_H

#include <linux/types.h>
#include <stdbool.h>

#include "tap/tap.h"

struct driver_count {
	__u64 armed;	     /* the driver's count when the taps were armed */
	__u64 settled;	     /* its count when all frames from before that were through */
	__u64 settles, look; /* when to read it next, ns of clock_monotonic() */
	bool known;	     /* the driver counts */
	bool is_settled, is_reported;
};

/* The taps are armed. */
void driver_count_begin(struct driver_count *count, const struct tap_context *context);

/*
 * To be called again and again. The first time that the driver has counted frames that @tap did not
 * show, a warning: a session may last for weeks.
 */
void driver_count_follow(struct driver_count *count, const struct tap_context *context,
			 const struct tap *tap);

/*
 * To be called before the taps are disarmed. A warning if the driver has counted frames that @tap
 * did not show, or if no frame came to a hook and the driver counts none.
 */
void driver_count_report(const struct driver_count *count, const struct tap_context *context,
			 const struct tap *tap);

#endif
