// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Combines records with the names and losses of their capture points, and with wall-clock time.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "output/sink.h"
#include "record/exception.h"

#define BUFFER_BYTES (1024 * 1024)
#define MS_NS 1000000

int sink_set_output(struct sink *sink, const struct xdpdrop_output *output)
{
	const struct writer_ops *writer;
	int err;

	if (output->fd < 0 || output->format > XDPDROP_PCAP)
		return -EINVAL;
	writer = output->format == XDPDROP_PCAP ? &writer_pcap : &writer_pcapng;
	buffer_free(&sink->out);
	err = buffer_init(&sink->out, output->fd, BUFFER_BYTES);
	if (err)
		return err;
	sink->writer = writer;
	sink->unbuffered = output->unbuffered;
	sink->file = (struct writer_file){ .application = output->application,
					   .nanoseconds = output->nanoseconds };
	return 0;
}

int sink_begin(struct sink *sink, struct points *points, __u32 snaplen, const char *comment)
{
	struct writer_file file = sink->file;
	struct utsname system;
	char os[sizeof(system.sysname) + sizeof(system.release) + 1];

	sink->points = points;
	clock_update(&sink->clock);
	sink->start = clock_realtime(&sink->clock, clock_kernel());
	if (!sink->writer)
		return 0;
	uname(&system);
	snprintf(os, sizeof(os), "%s %s", system.sysname, system.release);
	file.hardware = system.machine;
	file.os = os;
	file.comment = comment;
	file.snaplen = snaplen;
	sink->file = (struct writer_file){ .snaplen = snaplen,
					   .link_type = file.link_type,
					   .nanoseconds = file.nanoseconds };
	return sink->writer->begin(&sink->out, &file);
}

void sink_break(struct sink *sink)
{
	buffer_stop(&sink->out);
}

int sink_put_interface(struct sink *sink, const struct writer_interface *interface)
{
	sink->interfaces++;
	return sink->writer->interface(&sink->out, interface);
}

static int sink_announce(struct sink *sink, struct point *point, const struct point_view *view)
{
	int err = sink->describe(sink->describe_data, point - sink->points->point, view->info);

	*view->interface = point->last_interface = sink->interfaces;
	return err;
}

/*
 * Replaced programs are announced only with their first record: there may be thousands without any.
 */
int sink_announce_new(struct sink *sink)
{
	int err = 0;

	if (!sink->writer || !sink->writer->interface)
		return 0;
	for (unsigned int i = 0; !err && i < sink->points->count; i++) {
		struct point *point = &sink->points->point[i];
		const struct point_view view = points_view(point, ~0ULL);

		if (!point->last_interface && !point->info.error)
			err = sink_announce(sink, point, &view);
	}
	return err;
}

void sink_round(struct sink *sink)
{
	__s64 step = clock_update(&sink->clock);

	if (step < 0)
		sink->set_back -= step;
}

static int sink_write_exception(struct sink *sink, const struct xdpdrop_record *record,
				const struct writer_packet *packet)
{
	struct writer_packet described = *packet;
	char text[256];

	exception_describe(record, text, sizeof(text));
	described.reason = text;
	return sink->writer->packet(&sink->out, &sink->file, record, &described);
}

/* Cached, because most records have the sampling interval of the previous record. */
static const char *sink_describe_sample(struct sink *sink, __u32 sample)
{
	if (sample <= 1)
		return NULL;
	if (sample != sink->sample)
		snprintf(sink->sample_text, sizeof(sink->sample_text), "sample 1 in %u", sample);
	sink->sample = sample;
	return sink->sample_text;
}

/* The same for a frame received by a lower interface. */
static const char *sink_describe_device(struct sink *sink, const struct point *point, __u32 ifindex)
{
	const char *name;

	if (ifindex == point->info.ifindex)
		return NULL;
	name = points_device(sink->points, ifindex);
	if (!name)
		snprintf(sink->device_text, sizeof(sink->device_text), "slave with index %u",
			 ifindex);
	else if (ifindex != sink->device)
		snprintf(sink->device_text, sizeof(sink->device_text), "slave %s", name);
	sink->device = name ? ifindex : 0;
	return sink->device_text;
}

void sink_tell(struct sink *sink, const struct log *log)
{
	__u64 ms = sink->set_back / MS_NS;

	if (!ms)
		return;
	log_warn(log,
		 "the clock was set back by %llu.%03llu s: the times in the file go "
		 "back, too; frames stay in the order of their arrival",
		 ms / 1000, ms % 1000);
	sink->set_back = 0;
}

static int sink_write_record(struct sink *sink, struct point *point, const struct point_view *view,
			     const struct xdpdrop_record *record, __u64 realtime)
{
	const struct writer_packet packet = {
		.interface = *view->interface - 1,
		.realtime = realtime,
		.dropcount = point->lost - point->lost_told,
		.id = sink->passed,
		.reason = comments_of(&sink->comments, sink->points, view->reasons, record),
		.sample = sink_describe_sample(sink, record->sample),
		.device = sink_describe_device(sink, point, record->ifindex),
	};
	int err;

	if (record->flags & XDPDROP_F_EXCEPTION)
		err = sink_write_exception(sink, record, &packet);
	else
		err = sink->writer->packet(&sink->out, &sink->file, record, &packet);
	if (!err)
		point->lost_told = point->lost;
	if (!err && sink->unbuffered)
		err = buffer_flush(&sink->out);
	return err;
}

/* Frames without a reason are the remainder of their capture point. */
static void sink_count_reason(struct sink *sink, const struct xdpdrop_record *record)
{
	struct xdpdrop_tally_slot *slot =
		xdpdrop_tally_find(&sink->captured, record->point, record->reason);

	slot->frames++;
	slot->bytes += record->len;
}

int sink_record(void *data, const struct xdpdrop_record *record)
{
	struct sink *sink = data;
	struct point_view view;
	struct point *point;
	__u64 realtime;
	int err = 0;

	/* Not from one of this session's programs: the sums will not match. */
	if (record->point >= sink->points->count)
		return 0;
	point = &sink->points->point[record->point];
	point->read++;
	point->lost += record->lost;
	if (record->reason)
		sink_count_reason(sink, record);
	if (record->rule)
		rule_counts_add(&sink->rules, record);
	if (sink->limit && sink->passed == sink->limit) {
		sink->over_limit++;
		return 0;
	}
	sink->passed++;
	point->delivered++;
	realtime = clock_realtime(&sink->clock, record->timestamp);
	view = points_view(point, record->timestamp);
	if (sink->writer && sink->writer->interface && !*view.interface)
		err = sink_announce(sink, point, &view);
	if (!err && sink->writer)
		err = sink_write_record(sink, point, &view, record, realtime);
	if (!err && sink->handler) {
		err = sink->handler(sink->handler_data, view.info, record, realtime);
		sink->handled += err >= 0;
	}
	if (!err && sink->limit && sink->passed == sink->limit)
		err = -ENODATA;
	return err;
}

int sink_flush(struct sink *sink)
{
	return sink->writer ? buffer_flush(&sink->out) : 0;
}

bool sink_takes_counts(const struct sink *sink)
{
	return sink->writer && sink->writer->counts;
}

int sink_put_counts(struct sink *sink, unsigned int index, const struct writer_counts *counts)
{
	__u32 interface = sink->points->point[index].last_interface;

	return interface ? sink->writer->counts(&sink->out, interface - 1, counts) : 0;
}

int sink_finish(struct sink *sink)
{
	return sink->writer ? buffer_finish(&sink->out) : 0;
}

void sink_count(const struct sink *sink, struct xdpdrop_stats *stats)
{
	const struct buffer *out = &sink->out;

	stats->written = sink->writer ? out->written : sink->handled;
	stats->write_failed = sink->writer ? out->failed : sink->passed - sink->handled;
	stats->over_limit = sink->over_limit;
}

void sink_free(struct sink *sink)
{
	buffer_free(&sink->out);
}
