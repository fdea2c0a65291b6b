// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What a session knows of itself: totals, whether they add up, sites and their reasons.
 */
#include <errno.h>
#include <string.h>

#include "session.h"

static void count_site(const struct xdpdrop *session, unsigned int index,
		       struct xdpdrop_site_stats *stats)
{
	struct xdpdrop_counters sum;

	kernel_count(&session->kernel, index, &sum);
	stats->seen = sum.seen;
	stats->filtered = sum.filtered;
	stats->sampled_out = sum.sampled_out;
	stats->limited = sum.limited;
	stats->lost = sum.lost;
	stats->captured = sum.captured;
	stats->bytes = sum.bytes;
	stats->missed = session->sites.site[index].missed;
}

static void sum_sites(const struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	for (unsigned int i = 0; i < session->sites.count; i++) {
		struct xdpdrop_site_stats site;

		count_site(session, i, &site);
		stats->seen += site.seen;
		stats->filtered += site.filtered;
		stats->sampled_out += site.sampled_out;
		stats->limited += site.limited;
		stats->lost += site.lost;
		stats->captured += site.captured;
		stats->bytes += site.bytes;
		stats->missed += site.missed;
	}
}

/* Each on its own, so that no two mistakes make up for each other. */
static bool are_sites_balanced(const struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->sites.count; i++) {
		struct xdpdrop_counters sum;

		kernel_count(&session->kernel, i, &sum);
		if (!kernel_balanced(&session->kernel, i) ||
		    sum.captured != session->sites.site[i].read ||
		    sum.lost_told != (__u32)session->sites.site[i].lost)
			return false;
	}
	return totals_hold(&session->kernel, &session->sites, &session->delivery.captured);
}

/* While frames arrive, a frame may be counted as seen and not yet as anything else. */
static bool is_balanced(const struct xdpdrop *session, const struct xdpdrop_stats *stats)
{
	if (!session->stopped || !session->kernel.counters)
		return true;
	return are_sites_balanced(session) &&
	       stats->captured == stats->written + stats->write_failed + stats->surplus;
}

int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	struct xdpdrop_stats all = { .size = stats->size };

	if (stats->size > sizeof(all) || stats->size < sizeof(stats->size))
		return -EINVAL;
	if (session->kernel.counters)
		sum_sites(session, &all);
	all.sample = session->kernel.control ? session->kernel.control->sample : 1;
	all.overhead = session->bounds.overhead;
	delivery_count(&session->delivery, &all);
	all.balanced = is_balanced(session, &all);
	memcpy(stats, &all, stats->size);
	return 0;
}

int xdpdrop_get_site_stats(const struct xdpdrop *session, unsigned int index,
			   struct xdpdrop_site_stats *stats)
{
	struct xdpdrop_site_stats all = { .size = stats->size };

	if (stats->size > sizeof(all) || stats->size < sizeof(stats->size) ||
	    index >= session->sites.count)
		return -EINVAL;
	if (session->kernel.counters)
		count_site(session, index, &all);
	memcpy(stats, &all, stats->size);
	return 0;
}

int xdpdrop_get_reasons(const struct xdpdrop *session, xdpdrop_reason_fn fn, void *data)
{
	if (!session->kernel.counters)
		return 0;
	return totals_walk(&session->kernel, &session->sites, &session->delivery.captured, fn,
			   data);
}

const char *xdpdrop_verifier_log(const struct xdpdrop *session)
{
	return session->refusal;
}

unsigned int xdpdrop_site_count(const struct xdpdrop *session)
{
	return session->sites.count;
}

const struct xdpdrop_site *xdpdrop_get_site(const struct xdpdrop *session, unsigned int index)
{
	return index < session->sites.count ? &session->sites.site[index].info : NULL;
}

const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason)
{
	if (index >= session->sites.count)
		return NULL;
	return reasons_name(&session->sites.site[index].reasons, reason);
}
