// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Interfaces have other numbers in each file, so blocks of frames are renumbered on their way.
 */
#include "output/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The block does not fit there. */
static int recorder_widen(void *data, const struct buffer *block)
{
	struct recorder *recorder = data;

	(void)block;
	buffer_move(&recorder->block, recorder->wide, RECORDER_WIDE);
	return 0;
}

int recorder_new(struct recorder **out, __u64 bytes)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	int err = recorder ? history_init(&recorder->history, bytes) : -ENOMEM;

	err = err ? err : buffer_init(&recorder->block, -1, RECORDER_WIDE);
	if (err) {
		recorder_free(recorder);
		return err;
	}
	recorder->wide = recorder->block.data;
	recorder->block.take = recorder_widen;
	recorder->block.taker = recorder;
	*out = recorder;
	return 0;
}

void recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return;
	if (recorder->wide)
		buffer_move(&recorder->block, recorder->wide, RECORDER_WIDE);
	buffer_free(&recorder->block);
	history_free(&recorder->history);
	interfaces_free(&recorder->interfaces);
	free(recorder);
}

static void recorder_use(struct recorder *recorder, __u32 from_1)
{
	if (from_1)
		recorder->interfaces.entry[from_1 - 1].used = true;
}

static void recorder_use_of_frame(void *data, const struct history_frame *frame)
{
	struct recorder *recorder = data;

	recorder->interfaces.entry[frame->interface].used = true;
}

/* Only capture points and frames refer to interfaces. */
static void recorder_sweep(struct recorder *recorder)
{
	for (unsigned int i = 0; i < recorder->points->count; i++) {
		struct point *point = &recorder->points->point[i];

		recorder_use(recorder, point->interface[0]);
		recorder_use(recorder, point->use[0].last_interface);
		for (struct point_past *past = point->past; past; past = past->older)
			recorder_use(recorder, past->interface[0]);
	}
	history_each(&recorder->history, recorder_use_of_frame, recorder);
	interfaces_sweep(&recorder->interfaces);
}

int recorder_keep_interface(struct recorder *recorder, __u32 *number)
{
	int err;

	if (interfaces_are_full(&recorder->interfaces))
		recorder_sweep(recorder);
	err = interfaces_add(&recorder->interfaces, recorder->block.data, recorder->block.used,
			     number);
	buffer_empty(&recorder->block);
	return err;
}

int recorder_place(struct recorder *recorder, struct buffer *file, __u32 number, __u32 *in_file)
{
	struct interface *entry = &recorder->interfaces.entry[number];

	if (!entry->in_file) {
		void *room = buffer_reserve(file, entry->size);

		if (!room)
			return file->error;
		memcpy(room, entry->block, entry->size);
		buffer_commit(file, entry->size, false);
		entry->in_file = ++recorder->interfaces.in_file;
	}
	*in_file = entry->in_file - 1;
	return 0;
}

/* The first @size bytes of the reserved space are a frame's block. */
static int recorder_commit(struct recorder *recorder, struct buffer *file, unsigned int point,
			   char *block, size_t size, __u32 in_file)
{
	if (recorder->writer->renumber)
		recorder->writer->renumber(block, in_file);
	buffer_commit(file, size, true);
	recorder->points->point[point].use[0].delivered++;
	return 0;
}

static int recorder_place_of(struct recorder *recorder, struct buffer *file, __u32 interface,
			     __u32 *in_file)
{
	*in_file = 0;
	return recorder->writer->renumber ? recorder_place(recorder, file, interface, in_file) : 0;
}

static int recorder_write(struct recorder *recorder, struct buffer *file,
			  const struct xdpdrop_record *record, __u32 interface)
{
	size_t size = recorder->block.used;
	__u32 in_file;
	char *room;

	/* after an error, too: the frame counts as not written */
	recorder_place_of(recorder, file, interface, &in_file);
	room = buffer_reserve_record(file, size);
	if (!room)
		return file->error;
	memcpy(room, recorder->block.data, size);
	return recorder_commit(recorder, file, record->point, room, size, in_file);
}

int recorder_pass_on(struct recorder *recorder, struct buffer *file,
		     const struct xdpdrop_record *record, __u32 interface)
{
	int err;

	if (recorder->limit && buffer_bytes(file) > recorder->limit) {
		recorder_keep(recorder, record, interface);
		return 0;
	}
	recorder->newest = record->timestamp;
	err = recorder_write(recorder, file, record, interface);
	buffer_empty(&recorder->block);
	return err;
}

/* A frame that cannot be written stays in the history. */
static int recorder_write_oldest(struct recorder *recorder, struct buffer *file,
				 const struct history_frame *frame, size_t size)
{
	__u32 in_file;
	int err = recorder_place_of(recorder, file, frame->interface, &in_file);
	char *room = err ? NULL : buffer_reserve(file, size);

	if (!room)
		return file->error;
	history_move(&recorder->history, room);
	return recorder_commit(recorder, file, frame->point, room, size, in_file);
}

static int recorder_place_points(struct recorder *recorder, struct buffer *file)
{
	const struct points *points = recorder->points;
	__u32 in_file;
	int err = 0;

	for (unsigned int i = 0; !err && i < points->count; i++)
		if (!points->point[i].info.gone && points->point[i].use[0].last_interface)
			err = recorder_place(recorder, file,
					     points->point[i].use[0].last_interface - 1, &in_file);
	return err;
}

int recorder_begin_file(struct recorder *recorder, struct buffer *file)
{
	struct history_frame oldest;
	size_t size;
	int err;

	recorder->open = true;
	interfaces_begin_file(&recorder->interfaces);
	err = recorder_place_points(recorder, file);
	while (!err && history_oldest(&recorder->history, &oldest, &size))
		err = recorder_write_oldest(recorder, file, &oldest, size);
	return err;
}
