// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Hands the sink finished values, so that it reads neither maps nor interfaces.
 */
#include <errno.h>
#include <stdio.h>

#include "api/describe.h"
#include "api/summary.h"
#include "base/cleanup.h"
#include "xdp/link_speed.h"

struct describe_texts {
	char name[128], description[256];
};

/* "eth0:program" or "eth0:program:hook", and the same in words. */
static void describe_point(const struct xdpdrop_point *info, struct describe_texts *texts)
{
	snprintf(texts->name, sizeof(texts->name), "%s:%s%s%s", info->ifname, info->program,
		 info->hook_id ? ":" : "", info->hook_id ? info->hook : "");
	if (info->hook_id)
		snprintf(texts->description, sizeof(texts->description),
			 "XDP program %s (id %u) on %s, tap %s %s (map id %u)", info->program,
			 info->program_id, info->ifname, info->tap, info->hook, info->hook_id);
	else if (info->program_id)
		snprintf(texts->description, sizeof(texts->description),
			 "XDP program %s (id %u) on %s, tap %s", info->program, info->program_id,
			 info->ifname, info->tap);
	else
		snprintf(texts->description, sizeof(texts->description), "%s of XDP on %s",
			 info->program, info->ifname);
}

/* One that the control process has found comes with it: this process may open no socket. */
static __u64 describe_speed(const struct xdpdrop *session, unsigned int index)
{
	const struct point *point = &session->points.point[index];

	return session->state == SESSION_DELEGATED || session->state == SESSION_DISARMED ?
		       point->speed :
		       link_speed(session->speed_fd, point->info.ifname);
}

static int describe_interface(void *data, unsigned int index, const struct xdpdrop_point *info)
{
	struct xdpdrop *session = data;
	struct describe_texts texts;
	const struct writer_interface interface = {
		.name = texts.name,
		.description = texts.description,
		.snaplen = session->opts.snaplen,
		.link_type = info->link_type,
		.speed = describe_speed(session, index),
	};

	describe_point(info, &texts);
	return sink_put_interface(&session->sink, &interface);
}

int describe_begin(struct xdpdrop *session)
{
	const struct xdpdrop_opts *opts = &session->opts;
	char limits[256];

	limits_describe(opts, limits, sizeof(limits));
	session->sink.describe = describe_interface;
	session->sink.describe_data = session;
	return sink_begin(&session->sink, &session->points, opts->snaplen, limits);
}

int describe_points(struct xdpdrop *session)
{
	return sink_announce_new(&session->sink);
}

static int describe_totals(struct xdpdrop *session)
{
	CLEANUP_FREE struct summary *summary = malloc(sizeof(*summary));
	struct sink *sink = &session->sink;
	struct writer_counts counts = {
		.start = sink->start,
		.end = clock_realtime(&sink->clock, clock_kernel()),
	};
	int err = summary ? 0 : -ENOMEM;

	for (unsigned int i = 0; !err && i < session->points.count; i++) {
		struct xdpdrop_counters sum;

		capture_maps_count(&session->maps, i, &sum);
		summary_write(summary, i, &session->maps, &session->points, &sink->captured);
		counts.received = sum.seen;
		counts.dropped = sum.lost;
		counts.accepted = sum.seen - sum.filtered;
		counts.delivered = session->points.point[i].delivered;
		counts.comments = summary->lines;
		err = sink_put_counts(sink, i, &counts);
	}
	return err;
}

int describe_end(struct xdpdrop *session)
{
	int finished, err = describe_points(session);

	if (!err && sink_takes_counts(&session->sink))
		err = describe_totals(session);
	finished = sink_finish(&session->sink);
	return err ? err : finished;
}
