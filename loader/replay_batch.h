/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number of frames in a row, with copies of all that the reader lends for one frame only.
 */
#ifndef XDPDROP_REPLAY_BATCH_H
#define XDPDROP_REPLAY_BATCH_H

#include "replay_item.h"

#define REPLAY_BATCH 256 /* frames */

struct replay_batch {
	struct replay_item item[REPLAY_BATCH];
	unsigned int count;
	unsigned int run; /* so many of them were run */
	int err;	  /* that ended the run */
	size_t used;
	_Alignas(8) unsigned char bytes[1 << 20];
};

/*
 * Read frames until @batch is full. 1: there may be more; 0: the file's end; -errno: the reader's.
 */
int replay_batch_read(struct replay_batch *batch, struct replay_reader *reader);

/* Run the frames up to the first error. */
void replay_batch_run(struct replay_batch *batch, struct replay_lane *lane);

#endif
