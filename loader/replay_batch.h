/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number of frames in a row, so that each step is done for all of them before the next step: its
 * code and the kernel's stay in the CPU's caches.
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
 * Read frames until @batch is full, and copy all that the reader lends. 1: there may be more; 0:
 * the file's end; -errno: the reader's. The frames that were read are to be run also then.
 */
int replay_batch_read(struct replay_batch *batch, struct replay_reader *reader);

/*
 * The same for one frame, and for up to @most frames if these need no read from the file: what a
 * pipe has is run at once. The frames stay valid until the next call for @reader.
 */
int replay_batch_lend(struct replay_batch *batch, struct replay_reader *reader, unsigned int most);

/* Run the frames up to the first error, or to a signal that ends the replay: -EINTR. */
void replay_batch_run(struct replay_batch *batch, struct replay_lane *lane);

#endif
