// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Combines records with the names and losses of their capture points, and with wall-clock time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "output/sink.h"
#include "record/exception.h"

#define BUFFER_BYTES (1024 * 1024)
/* Records that a slow client can be behind. */
#define BACKLOG_BYTES (16 * 1024 * 1024)
#define MS_NS 1000000

static int sink_set_clients(struct sink *sink, const struct xdpdrop_output *output)
{
	struct clients *clients = NULL;
	int err = 0;

	if (output->listen_count)
		err = clients_new(&clients, output->listen_fds, output->listen_count,
				  BACKLOG_BYTES);
	if (err)
		return err;
	clients_free(sink->clients);
	sink->clients = clients;
	sink->out.take = clients ? clients_take : NULL;
	sink->out.taker = clients;
	return 0;
}

int sink_set_output(struct sink *sink, const struct xdpdrop_output *output)
{
	const struct writer_ops *writer;
	char *application = NULL;
	int err;

	if ((output->fd >= 0) + (output->listen_count > 0) + !!output->files != 1 ||
	    output->format > XDPDROP_PCAP)
		return -EINVAL;
	writer = output->format == XDPDROP_PCAP ? &writer_pcap : &writer_pcapng;
	err = sink_set_clients(sink, output);
	if (err)
		return err;
	buffer_free(&sink->out);
	err = buffer_init(&sink->out, output->fd, BUFFER_BYTES);
	if (!err && output->application) {
		application = strdup(output->application);
		err = application ? 0 : -ENOMEM;
	}
	if (err)
		return err;
	free(sink->application);
	sink->application = application;
	if (output->direct && !output->unbuffered)
		buffer_go_direct(&sink->out);
	sink->writer = writer;
	sink->unbuffered = output->unbuffered;
	sink->file = (struct writer_file){ .application = application,
					   .nanoseconds = output->nanoseconds,
					   .no_verdict = output->no_verdict };
	return 0;
}

static void sink_fill_file(struct sink *sink, __u32 snaplen, const char *comment)
{
	uname(&sink->system);
	snprintf(sink->os, sizeof(sink->os), "%s %s", sink->system.sysname, sink->system.release);
	snprintf(sink->comment, sizeof(sink->comment), "%s", comment);
	sink->file.hardware = sink->system.machine;
	sink->file.os = sink->os;
	sink->file.comment = sink->comment;
	sink->file.snaplen = snaplen;
}

int sink_begin(struct sink *sink, struct points *points, __u32 snaplen, const char *comment)
{
	sink->points = points;
	if (sink->recorder) {
		sink->recorder->points = points;
		sink->recorder->writer = sink->writer;
	}
	clock_update(&sink->clock);
	sink->start = clock_realtime(&sink->clock, clock_kernel());
	if (!sink->writer)
		return 0;
	sink_fill_file(sink, snaplen, comment);
	return sink->files.next ? 0 : sink->writer->begin(&sink->out, &sink->file);
}

void sink_break(struct sink *sink)
{
	buffer_stop(&sink->out);
}

void sink_round(struct sink *sink)
{
	__s64 step = clock_update(&sink->clock);

	if (step < 0)
		sink->set_back -= step;
}

static int sink_write_exception(struct sink *sink, struct buffer *out,
				const struct xdpdrop_record *record,
				const struct writer_packet *packet)
{
	struct writer_packet described = *packet;
	char text[256], room[sizeof(text)];

	exception_describe(record, text, sizeof(text));
	described.reason = text_make_ready(room, text);
	return sink->writer->packet(out, &sink->file, record, &described);
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

void sink_report_clock(struct sink *sink, const struct log *log)
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

/* Without clients. Those that come later get no frames, and no losses, from before. */
static int sink_leave_out(struct sink *sink, struct point_use *use)
{
	clients_count_unsent(sink->clients);
	use->lost_reported = use->lost;
	return 0;
}

static int sink_keep(struct sink *sink, const struct point_view *view,
		     const struct xdpdrop_record *record)
{
	const __u32 interface = view->interface[sink->reader];

	if (!sink->writer->interface || interface)
		return recorder_pass(sink->recorder, &sink->out, record, interface - 1);
	/* no memory for the interface */
	buffer_empty(&sink->recorder->block);
	sink->recorder->block.failed++;
	return -ENOMEM;
}

static int sink_write_record(struct sink *sink, struct point *point, const struct point_view *view,
			     const struct xdpdrop_record *record, __u64 realtime)
{
	struct point_use *use = &point->use[sink->reader];
	const struct writer_packet packet = {
		.data = record->data,
		.interface = view->interface[sink->reader] - 1,
		.realtime = realtime,
		.dropcount = use->lost - use->lost_reported,
		.id = sink->passed,
		.reason = comments_of(&sink->comments, sink->points, view->reasons, record),
		.sample = sink_describe_sample(sink, record->sample),
		.device = sink_describe_device(sink, point, record->ifindex),
	};
	struct buffer *out =
		sink->recorder ? recorder_block_of(sink->recorder, record) : &sink->out;
	int err;

	out->tag = record->point;
	if (record->flags & XDPDROP_F_EXCEPTION)
		err = sink_write_exception(sink, out, record, &packet);
	else
		err = sink->writer->packet(out, &sink->file, record, &packet);
	if (!err && sink->recorder)
		err = sink_keep(sink, view, record);
	if (!err)
		use->lost_reported = use->lost;
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

/* Before a record of this time: does another file begin? */
static int sink_make_way(struct sink *sink, __u64 realtime)
{
	if (!sink->files.next || sink->files.over || sink->recorder)
		return 0;
	return sink_cut(sink,
			rotation_check(&sink->files.rotation, realtime, buffer_bytes(&sink->out)));
}

int sink_record(void *data, const struct xdpdrop_record *record)
{
	struct sink *sink = data;
	struct point_view view;
	struct point *point;
	struct point_use *use;
	__u64 realtime;
	int err = 0;

	/* Not from one of this session's programs: the sums will not match. */
	if (record->point >= sink->points->count)
		return 0;
	point = &sink->points->point[record->point];
	use = &point->use[sink->reader];
	use->read++;
	use->lost += record->lost;
	if (record->reason)
		sink_count_reason(sink, record);
	if (record->rule)
		rule_counts_add(&sink->rules, record);
	realtime = clock_realtime(&sink->clock, record->timestamp);
	err = sink_make_way(sink, realtime);
	if (sink->files.over || (sink->limit && sink->passed == sink->limit)) {
		sink->over_limit++;
		return err;
	}
	sink->passed++;
	use->delivered += !sink->recorder;
	view = points_view(point, record->timestamp);
	if (!err && sink->writer && sink->writer->interface && !view.interface[sink->reader])
		err = sink_announce(sink, point, &view);
	if (!err && sink->clients && !sink->clients->count)
		err = sink_leave_out(sink, use);
	else if (sink->writer) /* after an error, to be counted */
		err = sink_write_record(sink, point, &view, record, realtime);
	if (!err && sink->handler) {
		err = sink->handler(sink->handler_data, view.info, record, realtime);
		sink->handled += err >= 0;
	}
	if (!err && sink->limit && sink->passed == sink->limit)
		err = -ENODATA;
	return err;
}

/* Not inline, so that most records save no registers. */
__attribute__((noinline)) static int sink_put_at_once(struct sink *sink,
						      const struct xdpdrop_record *record,
						      const struct writer_packet *packet)
{
	int err = sink->writer->packet(&sink->out, &sink->file, record, packet);

	return err ? err : buffer_flush(&sink->out);
}

int sink_put(struct sink *sink, const struct xdpdrop_record *record, struct writer_packet *packet)
{
	packet->id = ++sink->passed;
	if (sink->unbuffered)
		return sink_put_at_once(sink, record, packet);
	return sink->writer->packet(&sink->out, &sink->file, record, packet);
}

int sink_flush(struct sink *sink, bool more)
{
	bool waits = more && sink->out.direct.usable;
	int err = sink->writer && !waits ? buffer_advance(&sink->out) : 0;

	if (sink->clients)
		clients_serve(sink->clients);
	return err;
}

void sink_end(struct sink *sink)
{
	if (sink->clients)
		sink->clients->ending = true;
}

int sink_drain(struct sink *sink)
{
	int err = sink_flush(sink, false);

	if (sink->clients)
		clients_drain(sink->clients);
	return err;
}

bool sink_takes_counts(const struct sink *sink)
{
	return sink->writer && sink->writer->counts && (!sink->recorder || sink->recorder->open);
}

/* What a client has lost counts as dropped. */
static int sink_put_counts_for(struct sink *sink, struct client *client, unsigned int index,
			       const struct writer_counts *counts)
{
	const struct client_counts *mine = &client->point[index];
	struct writer_counts changed = *counts;
	char note[160];
	int err;

	snprintf(note, sizeof(note),
		 "this client: %llu frames sent, %llu lost because it was slow, %llu before it "
		 "connected",
		 mine->sent, mine->lost, counts->delivered - mine->sent - mine->lost);
	changed.note = note;
	changed.delivered = mine->sent;
	changed.dropped += mine->lost;
	sink->clients->addressee = client;
	err = sink->writer->counts(&sink->out,
				   sink->points->point[index].use[sink->reader].last_interface - 1,
				   &changed);
	err = err ? err : buffer_flush(&sink->out);
	sink->clients->addressee = NULL;
	return err;
}

int sink_put_counts(struct sink *sink, unsigned int index, const struct writer_counts *counts)
{
	__u32 interface = sink->points->point[index].use[sink->reader].last_interface;
	int err = 0;

	if (!interface)
		return 0;
	if (sink->recorder)
		err = recorder_place(sink->recorder, &sink->out, interface - 1, &interface);
	else
		interface--;
	if (err || !sink->clients)
		return err ? err : sink->writer->counts(&sink->out, interface, counts);
	for (unsigned int i = 0; !err && i < CLIENTS_MOST; i++)
		if (sink->clients->client[i].fd >= 0)
			err = sink_put_counts_for(sink, &sink->clients->client[i], index, counts);
	return err;
}

int sink_finish(struct sink *sink)
{
	int err = sink->writer ? buffer_finish(&sink->out) : 0;

	if (sink->clients)
		clients_finish(sink->clients);
	if (sink->files.next)
		cleanup_fd(&sink->out.fd);
	return err;
}

void sink_count(const struct sink *sink, struct xdpdrop_stats *stats)
{
	const struct buffer *out = &sink->out;

	stats->written = sink->writer ? out->written : sink->handled;
	stats->write_failed = sink->writer ? out->failed : sink->passed - sink->handled;
	stats->over_limit = sink->over_limit;
	stats->files = sink->files.count;
	if (sink->recorder) {
		stats->kept = sink->recorder->history.kept;
		stats->forgotten = sink->recorder->history.forgotten;
		stats->write_failed += sink->recorder->block.failed;
	}
	if (!sink->clients)
		return;
	stats->written = sink->clients->backlog.written;
	stats->unsent = sink->clients->backlog.unsent;
	stats->clients = sink->clients->accepted;
	stats->client_lost = clients_lost(sink->clients);
}

void sink_free(struct sink *sink)
{
	clients_free(sink->clients);
	sink->clients = NULL;
	recorder_free(sink->recorder);
	sink->recorder = NULL;
	if (sink->files.next)
		cleanup_fd(&sink->out.fd);
	buffer_free(&sink->out);
	free(sink->application);
	sink->application = NULL;
}
