// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing is allocated for a frame, and no text is made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/signals.h"
#include "replay/replay_item.h"

#define LINKTYPE_ETHERNET 1

static enum replay_skip replay_item_skip_of_error(int err)
{
	switch (err) {
	case -ERANGE:
		return REPLAY_RUNT;
	case -E2BIG:
		return REPLAY_TOO_LONG;
	case -EMSGSIZE:
		return REPLAY_FRAGMENTS;
	}
	return REPLAY_RUN;
}

/* Set @padded to the frame with zeros for what was cut. False: it is too long, or no memory. */
static bool replay_item_pad(struct replay_lane *lane, const struct xdpdrop_replay_frame *frame,
			    struct xdpdrop_replay_frame *padded)
{
	if (!lane->options->pad || frame->len > REPLAY_FRAME_MAX)
		return false;
	if (!lane->padded)
		lane->padded = malloc(REPLAY_FRAME_MAX);
	if (!lane->padded)
		return false;
	memcpy(lane->padded, frame->data, frame->caplen);
	memset(lane->padded + frame->caplen, 0, frame->len - frame->caplen);
	*padded = *frame;
	padded->data = lane->padded;
	padded->caplen = frame->len;
	return true;
}

/* The time of the frame's own run counts, unless it is to be repeated. */
static int replay_item_measure(struct replay_item *item, struct replay_lane *lane,
			       const struct xdpdrop_replay_frame *frame)
{
	if (!lane->options->repeat)
		return 0;
	/* many runs take long, and others may follow */
	return signals_ended() ? -EINTR :
				 xdpdrop_replay_time(lane->program, frame, lane->options->repeat,
						     &item->result.ns);
}

static int replay_item_run_frame(struct replay_item *item, struct replay_lane *lane,
				 const struct xdpdrop_replay_frame *frame)
{
	int err;

	item->result.size = sizeof(item->result);
	err = xdpdrop_replay_run(lane->program, frame, &item->result);
	if (!err && lane->other) {
		item->other.size = sizeof(item->other);
		err = xdpdrop_replay_run(lane->other, frame, &item->other);
	}
	err = err ? err : replay_item_measure(item, lane, frame);
	item->skip = replay_item_skip_of_error(err);
	return item->skip == REPLAY_RUN ? err : 0;
}

int replay_item_run(struct replay_item *item, struct replay_lane *lane)
{
	const struct replay_options *options = lane->options;
	struct xdpdrop_replay_frame *frame = &item->packet.frame, padded;

	if (options->queue_given)
		frame->rx_queue = options->queue;
	if (item->packet.link_type != LINKTYPE_ETHERNET) {
		item->skip = REPLAY_LINK_TYPE;
		return 0;
	}
	if (frame->caplen >= frame->len)
		return replay_item_run_frame(item, lane, frame);
	item->skip = REPLAY_CUT;
	return replay_item_pad(lane, frame, &padded) ? replay_item_run_frame(item, lane, &padded) :
						       0;
}

int replay_lane_share(struct replay_lane *lane, const struct replay_lane *first, unsigned int job)
{
	int err;

	*lane = (struct replay_lane){ .options = first->options };
	err = xdpdrop_replay_share(first->program, job, &lane->program);
	return err || !first->other ? err : xdpdrop_replay_share(first->other, job, &lane->other);
}

void replay_lane_free(struct replay_lane *lane)
{
	xdpdrop_replay_free(lane->program);
	xdpdrop_replay_free(lane->other);
	free(lane->padded);
	*lane = (struct replay_lane){ 0 };
}
