/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A number of frames in a row, so that each step is done for all of them before the next step: its
 * code and the kernel's stay in the CPU's caches.
 */
#ifndef XDPDROP_REPLAY_BATCH_H
#define XDPDROP_REPLAY_BATCH_H

#include "replay/replay_item.h"

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
 * Read a frame, and up to @most frames that then need no read from the file: what a pipe has is run
 * at once. With @keep their bytes are copied; without it they are the reader's, and valid until the
 * next call for @reader. 1: there may be more frames; 0: the file's end; -errno: the reader's. The
 * frames that were read are to be run also then.
 */
int replay_batch_read(struct replay_batch *batch, struct replay_reader *reader, unsigned int most,
		      bool keep);

/* Run the frames up to the first error, or to a signal that ends the replay: -EINTR. */
void replay_batch_run(struct replay_batch *batch, struct replay_lane *lane);

#endif
