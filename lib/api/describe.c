// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Passes finished values to the sink, so that the sink needs neither maps nor interfaces.
 */
#include <inttypes.h>
#include <stdio.h>

#include "api/describe.h"
#include "api/readers.h"
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
 * The control process sends the speed with a new capture point, because this process may open no
 * socket.
 */
static __u64 describe_speed(struct xdpdrop *session, unsigned int index)
{
	struct point *point = &session->points.point[index];

	if (session->state != SESSION_DELEGATED && session->state != SESSION_DISARMED)
		__atomic_store_n(&point->speed, link_speed(session->speed_fd, point->info.ifname),
				 __ATOMIC_RELAXED);
	return __atomic_load_n(&point->speed, __ATOMIC_RELAXED);
}

void describe_speeds(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->points.count; i++)
		describe_speed(session, i);
}

static int describe_interface(void *data, struct sink *sink, unsigned int index,
			      const struct xdpdrop_point *info)
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
	return sink_put_interface(sink, &interface);
}

int describe_begin(struct xdpdrop *session)
{
	const struct xdpdrop_opts *opts = &session->opts;
	char limits[256];
	int err = 0;

	limits_describe(opts, limits, sizeof(limits));
	if (session->sink.clients)
		session->sink.clients->log = &session->log;
	for (unsigned int i = 0; !err && i < readers_count(session); i++) {
		struct sink *sink = readers_sink(session, i);

		sink->describe = describe_interface;
		sink->describe_data = session;
		sink->file.link_type = session->sink.file.link_type;
		err = sink_begin(sink, &session->points, opts->snaplen, limits);
		/* so that the periods of all begin with the same second */
		sink->clock = session->sink.clock;
		sink->start = session->sink.start;
	}
	return err;
}

int describe_points(struct xdpdrop *session)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < readers_count(session); i++)
		err = sink_announce_new(readers_sink(session, i));
	return err;
}

int describe_file_end(struct xdpdrop *session, unsigned int reader)
{
	struct sink *sink = readers_sink(session, reader);
	int err = sink_announce_new(sink);

	if (!err && sink_takes_counts(sink))
		err = describe_totals(session, reader);
	return err;
}

/* The totals of one reader's file; the others' may have failed. */
static int describe_end_of(struct xdpdrop *session, unsigned int reader)
{
	struct sink *sink = readers_sink(session, reader);
	int finished, err = sink_announce_new(sink);

	err = err ? err : sink_flush(sink, false);
	err = err ? err : describe_file_end(session, reader);
	finished = sink_finish(sink);
	return err ? err : finished;
}

static int describe_end_all(struct xdpdrop *session)
{
	int first = 0;

	for (unsigned int i = 0; i < session->reader_count; i++) {
		int err = describe_end_of(session, i);

		first = first ? first : err;
	}
	return first;
}

int describe_end(struct xdpdrop *session)
{
	int finished, err;

	if (session->reader_count)
		return describe_end_all(session);
	err = describe_points(session);
	err = err ? err : sink_drain(&session->sink);
	err = err ? err : describe_file_end(session, 0);
	finished = sink_finish(&session->sink);
	return err ? err : finished;
}
