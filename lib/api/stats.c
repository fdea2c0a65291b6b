// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions for totals, capture points, reasons and rules.
 */
#include <errno.h>
#include <stdlib.h>

#include "api/readers.h"
#include "api/session.h"
#include "api/sized.h"
#include "api/totals.h"
#include "base/cleanup.h"
#include "base/clock.h"

static void stats_count_point(const struct xdpdrop *session, unsigned int index,
			      struct xdpdrop_point_stats *stats)
{
	struct xdpdrop_counters sum;

	capture_maps_count(&session->maps, index, &sum);
	stats->seen = sum.seen;
	stats->filtered = sum.filtered;
	stats->sampled_out = sum.sampled_out;
	stats->limited = sum.limited;
	stats->lost = sum.lost;
	stats->captured = sum.captured;
	stats->bytes = sum.bytes;
	stats->missed = session->points.point[index].missed;
}

static void stats_sum_points(const struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	for (unsigned int i = 0; i < session->points.count; i++) {
		struct xdpdrop_point_stats point;

		stats_count_point(session, i, &point);
		stats->seen += point.seen;
		stats->filtered += point.filtered;
		stats->sampled_out += point.sampled_out;
		stats->limited += point.limited;
		stats->lost += point.lost;
		stats->captured += point.captured;
		stats->bytes += point.bytes;
		stats->missed += point.missed;
	}
}

/* Each capture point is checked, so that two errors cannot cancel each other. */
static bool stats_are_points_balanced(const struct xdpdrop *session)
{
	const struct totals totals = readers_totals(session, -1);

	for (unsigned int i = 0; i < session->points.count; i++) {
		const struct point_use use = points_sum(&session->points.point[i]);
		struct xdpdrop_counters sum;

		capture_maps_count(&session->maps, i, &sum);
		if (!capture_maps_balanced(&session->maps, i) || sum.captured != use.read ||
		    sum.lost_reported != (__u32)use.lost)
			return false;
	}
	return totals_hold(&totals);
}

/* While frames arrive, a frame may be counted as seen but not yet as an outcome. */
static bool stats_is_balanced(const struct xdpdrop *session, const struct xdpdrop_stats *stats)
{
	if (session->state != SESSION_STOPPED || !session->maps.states)
		return true;
	return !readers_invalid(session) && stats_are_points_balanced(session) &&
	       stats->captured == stats->written + stats->write_failed + stats->over_limit +
					  stats->unsent + stats->forgotten;
}

/* None of ours: whatever wrote them, frames may be missing. */
void stats_report_invalid(const struct xdpdrop *session)
{
	__u64 invalid = readers_invalid(session);

	if (invalid)
		log_error(&session->log, -EBADMSG,
			  "%llu record%s in the ring buffers cannot be read and %s left out",
			  invalid, invalid == 1 ? "" : "s", invalid == 1 ? "is" : "are");
}

static __u32 stats_lease_ms(const struct xdpdrop *session)
{
	__u64 now = clock_kernel(), end;

	if (!session->maps.control)
		return 0;
	end = __atomic_load_n(&session->maps.control->deadline, __ATOMIC_RELAXED);
	return end > now ? (end - now) / 1000000 : 0;
}

int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	struct xdpdrop_stats all = { 0 };

	if (session->maps.states)
		stats_sum_points(session, &all);
	all.sample = session->maps.control ? session->maps.control->sample : 1;
	all.overhead = session->limits.overhead;
	all.lease_ms = stats_lease_ms(session);
	all.refused = session->points.refused;
	all.files_deleted = session->files.deleted;
	readers_count_records(session, &all);
	all.balanced = stats_is_balanced(session, &all);
	return sized_write(stats, &all, sizeof(all));
}

int xdpdrop_get_point_stats(const struct xdpdrop *session, unsigned int index,
			    struct xdpdrop_point_stats *stats)
{
	struct xdpdrop_point_stats all = { 0 };

	if (index >= session->points.count)
		return -EINVAL;
	if (session->maps.states)
		stats_count_point(session, index, &all);
	return sized_write(stats, &all, sizeof(all));
}

int xdpdrop_get_reasons(const struct xdpdrop *session, xdpdrop_reason_fn fn, void *data)
{
	const struct totals totals = readers_totals(session, -1);

	return session->maps.states ? totals_walk(&totals, fn, data) : 0;
}

int xdpdrop_get_rules(const struct xdpdrop *session, unsigned int most, xdpdrop_rule_fn fn,
		      void *data)
{
	CLEANUP_FREE struct rule_counts *rules = readers_rules(session);
	CLEANUP_FREE const struct rule_count **sorted = malloc(RULE_COUNTS * sizeof(*sorted));
	size_t count;

	if (!rules || !sorted)
		return -ENOMEM;
	count = rule_counts_sort(rules, sorted);
	for (size_t i = 0; i < count && i < most; i++) {
		const struct xdpdrop_rule_stats stats = {
			.point = sorted[i]->point,
			.reason = sorted[i]->reason,
			.rule = sorted[i]->rule,
			.name = reasons_name(&session->points.rules, sorted[i]->rule),
			.frames = sorted[i]->frames,
			.bytes = sorted[i]->bytes,
		};

		fn(data, &stats);
	}
	if (rules->others) {
		const struct xdpdrop_rule_stats stats = { .others = true,
							  .frames = rules->others,
							  .bytes = rules->others_bytes };

		fn(data, &stats);
	}
	return 0;
}

const char *xdpdrop_verifier_log(const struct xdpdrop *session)
{
	return session->refusal;
}

unsigned int xdpdrop_point_count(const struct xdpdrop *session)
{
	return session->points.count;
}

const struct xdpdrop_point *xdpdrop_get_point(const struct xdpdrop *session, unsigned int index)
{
	return index < session->points.count ? &session->points.point[index].info : NULL;
}

const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason)
{
	if (index >= session->points.count)
		return NULL;
	return reasons_name(&session->points.point[index].reasons, reason);
}

const char *xdpdrop_rule_name(const struct xdpdrop *session, __u64 rule)
{
	return reasons_name(&session->points.rules, rule);
}

const char *xdpdrop_version(void)
{
	return XDPDROP_VERSION;
}
