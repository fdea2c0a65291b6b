// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Ends a file of a series and begins the next one, between two records. Each file has a header and
 * interfaces of its own.
 */
#include <errno.h>
#include <unistd.h>

#include "output/sink.h"

#define SECOND_NS 1000000000ULL

static int sink_open_next(struct sink *sink, enum rotation_cut cut)
{
	struct sink_files *files = &sink->files;
	int fd = files->next(files->data, cut, files->rotation.start / SECOND_NS);

	buffer_continue(&sink->out, fd < 0 ? -1 : fd);
	if (fd < 0) {
		sink->out.error = fd;
		return fd;
	}
	if (!sink->unbuffered)
		buffer_go_direct(&sink->out);
	files->count++;
	return sink_begin_file(sink);
}

int sink_begin_files(struct sink *sink)
{
	if (!sink->files.next || sink->recorder)
		return 0;
	rotation_begin(&sink->files.rotation, sink->start);
	return sink_open_next(sink, ROTATION_PERIOD);
}

/* A network file system reports at the close that the disk is full. */
static int sink_close_file(struct sink *sink)
{
	int fd = sink->out.fd;

	sink->out.fd = -1;
	if (close(fd) && errno != EINTR)
		sink->out.error = -errno;
	return sink->out.error;
}

/* Totals, and what is in the buffer: its records are written also where the totals have failed. */
static int sink_end_file(struct sink *sink)
{
	int err = sink->files.end(sink->files.data), flushed = buffer_flush(&sink->out);

	err = err ? err : flushed;
	if (err && !sink->out.error)
		sink->out.error = err;
	return err ? err : sink_close_file(sink);
}

int sink_begin_snapshot(struct sink *sink, __u64 time, const char *comment)
{
	const char *limits = sink->file.comment;
	int err;

	rotation_begin(&sink->files.rotation, time);
	sink->file.comment = comment;
	err = sink_open_next(sink, ROTATION_EVENT);
	sink->file.comment = limits;
	return err;
}

int sink_end_snapshot(struct sink *sink)
{
	int err = sink_end_file(sink);

	sink->recorder->open = false;
	return err;
}

int sink_cut(struct sink *sink, enum rotation_cut cut)
{
	struct sink_files *files = &sink->files;
	int err;

	if (!files->next || cut == ROTATION_NONE)
		return 0;
	if (cut == ROTATION_END) {
		files->over = true;
		return -ENODATA;
	}
	err = sink_end_file(sink);
	return err ? err : sink_open_next(sink, cut);
}

int sink_tick(struct sink *sink, __u64 until)
{
	if (!sink->files.next || sink->files.over || sink->recorder)
		return 0;
	return sink_cut(sink,
			rotation_tick(&sink->files.rotation, clock_realtime(&sink->clock, until)));
}
