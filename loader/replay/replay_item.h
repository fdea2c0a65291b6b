/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame of the input and what the programs did with it. Frames are run in any order, each by one
 * thread; they are counted and written in the order of the file.
 */
#ifndef XDPDROP_REPLAY_ITEM_H
#define XDPDROP_REPLAY_ITEM_H

#include <xdpdrop/replay.h>

#include "replay/replay_count.h"
#include "replay/replay_options.h"
#include "replay/replay_reader.h"

#define REPLAY_RUN REPLAY_SKIPS /* no reason not to run a frame */

struct replay_item {
	struct replay_packet packet;
	struct xdpdrop_replay_result result, other; /* other: of --against */
	enum replay_skip skip;			    /* why it was not run, or REPLAY_RUN */
};

/* What one thread runs frames with. */
struct replay_lane {
	const struct replay_options *options;
	struct xdpdrop_replay *program, *other; /* other: NULL without --against */
	unsigned char *padded;			/* a frame with zeros for what was cut */
};

/* A lane for the thread that calls it, on the CPU number @job, of the programs of @first. */
int replay_lane_share(struct replay_lane *lane, const struct replay_lane *first, unsigned int job);

void replay_lane_free(struct replay_lane *lane);

/*
 * Run item->packet. 0: the rest of @item is filled, and valid until the next one; or -errno: the
 * program does not run, which the library has reported.
 */
int replay_item_run(struct replay_item *item, struct replay_lane *lane);

#endif
