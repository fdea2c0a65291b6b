// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Passes finished values to the sink, so that the sink needs neither maps nor interfaces.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "api/describe.h"
#include "api/totals.h"
#include "base/cleanup.h"
#include "xdp/link_speed.h"

struct describe_texts {
	char name[128], description[256];
};

/* Names a capture point "eth0:program" or "eth0:program:hook", and describes it. */
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

/*
 * The control process sends the speed with a capture point, because this process may open no
 * socket.
 */
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

/* Totals of a capture point as comments: what was not captured, and each reason. */
#define SUMMARY_LINES 67

struct summary {
	unsigned int point;
	unsigned int count;
	__u64 more; /* reasons without a line */
	char line[SUMMARY_LINES][192];
	const char *lines[SUMMARY_LINES + 1]; /* the same lines; ends with NULL */
};

static char *describe_summary_next_line(struct summary *summary)
{
	char *line = summary->line[summary->count];

	summary->lines[summary->count++] = line;
	summary->lines[summary->count] = NULL;
	return line;
}

static void describe_summary_write_left_out(struct summary *summary,
					    const struct xdpdrop_counters *sum)
{
	if (sum->filtered + sum->sampled_out + sum->limited)
		snprintf(describe_summary_next_line(summary), sizeof(summary->line[0]),
			 "left out: %" PRIu64 " by the filter, %" PRIu64 " by sampling, %" PRIu64
			 " by a rate limit",
			 (uint64_t)sum->filtered, (uint64_t)sum->sampled_out,
			 (uint64_t)sum->limited);
}

/*
 * Each program with records has its own interface in the file. The last one has the counts of all.
 */
static void describe_summary_write_programs(struct summary *summary, const struct point *point)
{
	if (point->programs > 1)
		snprintf(describe_summary_next_line(summary), sizeof(summary->line[0]),
			 "the program was replaced %u time%s: counts include the earlier "
			 "programs, which have interfaces of their own",
			 point->programs - 1, point->programs == 2 ? "" : "s");
}

static void describe_summary_write_reason(void *data, const struct xdpdrop_reason_stats *stats)
{
	struct summary *summary = data;
	char number[32];
	const char *name = stats->name;

	if (stats->point != summary->point || (!stats->reason && !stats->others))
		return;
	if (summary->count == SUMMARY_LINES - 1) {
		summary->more++;
		return;
	}
	snprintf(number, sizeof(number), "reason %u", stats->reason);
	if (!name)
		name = stats->others ? "other reasons" : number;
	snprintf(describe_summary_next_line(summary), sizeof(summary->line[0]),
		 "%.100s: %" PRIu64 " frames, %" PRIu64 " bytes, %" PRIu64 " captured", name,
		 (uint64_t)stats->frames, (uint64_t)stats->bytes, (uint64_t)stats->captured);
}

/*
 * Fill @summary for capture point @point. Frames without a reason are the remainder, and get no
 * line.
 */
static void describe_summary_write(struct summary *summary, unsigned int point,
				   const struct capture_maps *maps, const struct points *points,
				   const struct xdpdrop_tally *captured)
{
	struct xdpdrop_counters sum;

	summary->point = point;
	summary->count = 0;
	summary->more = 0;
	summary->lines[0] = NULL;
	capture_maps_count(maps, point, &sum);
	describe_summary_write_programs(summary, &points->point[point]);
	describe_summary_write_left_out(summary, &sum);
	totals_walk(maps, points, captured, describe_summary_write_reason, summary);
	if (summary->more)
		snprintf(describe_summary_next_line(summary), sizeof(summary->line[0]),
			 "%" PRIu64 " more reasons", (uint64_t)summary->more);
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
		describe_summary_write(summary, i, &session->maps, &session->points,
				       &sink->captured);
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
