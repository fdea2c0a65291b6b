/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The flight recorder, between a writer and its file: while no file is open, blocks of frames stay
 * in the history; a file that opens gets all of them, and then each further one. Does not decide
 * when a file begins and ends.
 */
#ifndef XDPDROP_OUTPUT_RECORDER_H
#define XDPDROP_OUTPUT_RECORDER_H

#include "output/history.h"
#include "output/interfaces.h"
#include "output/writer.h"
#include "record/points.h"

/* More than the longest block. */
#define RECORDER_WIDE (256 * 1024)

struct recorder {
	struct history history;
	struct interfaces interfaces;
	struct buffer block; /* takes one block from the writer */
	char *wide;	     /* where it is composed if not in the history */
	struct points *points;
	const struct writer_ops *writer;
	__u64 newest; /* time of the last frame that came, as in its record */
	bool open;    /* there is a file */
	__u64 limit;  /* a file larger than this takes no more frames; 0: none */
};

/* @bytes: of the history. Errors: -ENOMEM. */
int recorder_new(struct recorder **recorder, __u64 bytes);
void recorder_free(struct recorder *recorder);

/* ->block, for an interface. */
static inline struct buffer *recorder_block(struct recorder *recorder)
{
	buffer_move(&recorder->block, recorder->wide, RECORDER_WIDE);
	return &recorder->block;
}

/* ->block, for the frame of @record, mostly where that can stay. */
static inline struct buffer *recorder_block_of(struct recorder *recorder,
					       const struct xdpdrop_record *record)
{
	size_t size;
	void *room = history_aim(&recorder->history, record->point, record->reason, &size);

	buffer_move(&recorder->block, room, size);
	return &recorder->block;
}

/* The block in ->block is an interface: keep it under *@number. Errors: -ENOMEM. */
int recorder_keep_interface(struct recorder *recorder, __u32 *number);

/* Keep the frame of @record, which is in ->block. */
static inline void recorder_keep(struct recorder *recorder, const struct xdpdrop_record *record,
				 __u32 interface)
{
	recorder->newest = record->timestamp;
	history_put(&recorder->history, record->timestamp, interface, recorder->block.data,
		    recorder->block.used);
	buffer_empty(&recorder->block);
}

/* recorder_pass() while a file is open. */
int recorder_pass_on(struct recorder *recorder, struct buffer *file,
		     const struct xdpdrop_record *record, __u32 interface);

/*
 * The block in ->block is the frame of @record: keep it, or write it to @file. 0 or the file's
 * error.
 */
static inline int recorder_pass(struct recorder *recorder, struct buffer *file,
				const struct xdpdrop_record *record, __u32 interface)
{
	if (recorder->open)
		return recorder_pass_on(recorder, file, record, interface);
	recorder_keep(recorder, record, interface);
	return 0;
}

/* The header is in @file: add all open capture points, and all frames. 0 or the file's error. */
int recorder_begin_file(struct recorder *recorder, struct buffer *file);

/*
 * Set *@in_file to the number of interface @number in @file, to which it is added if it is not in
 * it. 0 or the file's error.
 */
int recorder_place(struct recorder *recorder, struct buffer *file, __u32 number, __u32 *in_file);

#endif
