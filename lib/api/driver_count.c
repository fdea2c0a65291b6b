// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The counters of a session can only be higher: frames are counted by it from the moment when the
 * first tap is armed to the end, and by the driver from later to earlier.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "api/driver_count.h"
#include "base/clock.h"
#include "xdp/driver_drops.h"

/* Drivers add to their counters when they have taken a batch of frames. */
#define BATCH_NS 300000000ULL
/* Some drivers ask their device for statistics, which takes time. */
#define LOOK_EVERY_NS 60000000000ULL

static const __u32 drops = 1U << XDP_ABORTED | 1U << XDP_DROP;

/* The driver counts what all programs drop, for whatever reason. */
static bool driver_count_is_comparable(const struct tap_context *context)
{
	return !context->opts->program && (context->opts->actions & drops) == drops;
}

/* In generic mode programs run after the driver. */
static int driver_count_read(const struct tap_context *context, __u64 *count)
{
	if (context->pipeline.mode == XDP_ATTACHED_SKB)
		return -EOPNOTSUPP;
	return driver_drops(context->pipeline.ifname, count);
}

void driver_count_begin(struct driver_count *count, const struct tap_context *context)
{
	const __u64 now = clock_monotonic();

	count->is_settled = count->is_reported = false;
	count->settles = now + BATCH_NS;
	count->look = now + LOOK_EVERY_NS;
	count->known = !driver_count_read(context, &count->armed);
}

/* *@missed: runs for which the kernel did not call tap exit, which are counted elsewhere. */
static __u64 driver_count_seen(const struct tap_context *context, __u64 *missed)
{
	const struct points *points = context->points;
	__u64 seen = 0;

	*missed = 0;
	for (unsigned int i = 0; i < points->count; i++) {
		const struct xdpdrop_point *point = &points->point[i].info;
		struct xdpdrop_counters sum;

		if (point->ifindex != context->pipeline.ifindex ||
		    !strcmp(point->tap, tap_exception.name))
			continue;
		capture_maps_count(context->maps, i, &sum);
		seen += sum.seen;
		*missed += points->point[i].missed;
	}
	return seen;
}

static bool driver_count_needs_hooks(const struct tap *tap)
{
	return tap->shows == TAP_SHOWS_HOOKS || tap->shows == TAP_SHOWS_TAGS;
}

/* If nothing was seen, also what came just when the session began. */
static __u64 driver_count_since(const struct driver_count *count, __u64 now, __u64 seen)
{
	__u64 from = seen ? count->settled : count->armed;

	if (seen && !count->is_settled)
		return 0;
	return now > from ? now - from : 0;
}

static void driver_count_warn(const struct tap_context *context, const struct tap *tap,
			      __u64 dropped, __u64 seen)
{
	const char *why = driver_count_needs_hooks(tap) ?
				  "a program drops frames without its hook, which taps exit and "
				  "wrap show" :
				  "a program was not followed for a time";

	log_warn(context->log,
		 "%s: its driver counted %llu frame%s as dropped by XDP, and the session saw %llu: "
		 "%s, or the driver could not carry out a verdict, which exceptions show",
		 context->pipeline.ifname, dropped, dropped == 1 ? "" : "s", seen, why);
}

/* False: the driver counts none. */
static bool driver_count_compare(const struct driver_count *count,
				 const struct tap_context *context, __u64 *dropped, __u64 *seen,
				 __u64 *missed)
{
	__u64 now;
	/* first, so that frames that come now are seen */
	bool known = count->known && !driver_count_read(context, &now);

	*seen = driver_count_seen(context, missed);
	*dropped = known ? driver_count_since(count, now, *seen) : 0;
	return known;
}

void driver_count_follow(struct driver_count *count, const struct tap_context *context,
			 const struct tap *tap)
{
	const __u64 now = clock_monotonic();
	__u64 dropped, seen, missed;

	if (!count->known || count->is_reported || tap == &tap_exception)
		return;
	if (!count->is_settled && now >= count->settles)
		count->is_settled = !driver_count_read(context, &count->settled);
	if (now < count->look || !driver_count_is_comparable(context))
		return;
	count->look = now + LOOK_EVERY_NS;
	driver_count_compare(count, context, &dropped, &seen, &missed);
	count->is_reported = dropped > seen + missed;
	if (count->is_reported)
		driver_count_warn(context, tap, dropped, seen);
}

void driver_count_report(const struct driver_count *count, const struct tap_context *context,
			 const struct tap *tap)
{
	__u64 seen, missed, dropped;
	bool known;

	if (tap == &tap_exception)
		return;
	known = driver_count_compare(count, context, &dropped, &seen, &missed);
	if (driver_count_is_comparable(context) && dropped > seen + missed)
		driver_count_warn(context, tap, dropped, seen);
	else if (driver_count_needs_hooks(tap) && context->opts->actions & drops && !seen &&
		 (!known || dropped))
		log_warn(context->log,
			 "%s: no frame came to a hook; drops without a hook are not seen, and taps "
			 "exit and wrap need none",
			 context->pipeline.ifname);
}
