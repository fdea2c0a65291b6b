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

struct recorder {
	struct history history;
	struct interfaces interfaces;
	struct buffer
		block; /* takes one block from the writer, mostly where the history has room */
	char *wide;    /* where a longer one is composed, BLOCK_MOST bytes */
	struct points *points;
	const struct writer_ops *writer;
	bool open;   /* there is a file */
	__u64 limit; /* a file larger than this takes no more frames; 0: none */
};

/* @bytes: of the history. Errors: -ENOMEM. */
int recorder_new(struct recorder **recorder, __u64 bytes);
void recorder_free(struct recorder *recorder);

/* The block in ->block is an interface: keep it under *@number. Errors: -ENOMEM. */
int recorder_keep_interface(struct recorder *recorder, __u32 *number);

/* The block in ->block is a frame: keep it, or write it to @file. 0 or the file's error. */
int recorder_pass(struct recorder *recorder, struct buffer *file,
		  const struct history_frame *frame);

/* Leave out the block in ->block. */
void recorder_drop(struct recorder *recorder);

/* The header is in @file: add all open capture points, and all frames. 0 or the file's error. */
int recorder_begin_file(struct recorder *recorder, struct buffer *file);

/*
 * Set *@in_file to the number of interface @number in @file, to which it is added if it is not in
 * it. 0 or the file's error.
 */
int recorder_place(struct recorder *recorder, struct buffer *file, __u32 number, __u32 *in_file);

#endif
