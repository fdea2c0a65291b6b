// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing is allocated for a frame, and no text is made.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay_item.h"
#include "signals.h"

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

/* With zeros for what was cut. NULL: no memory. */
static const void *replay_item_pad(struct replay_lane *lane, const struct replay_packet *packet)
{
	if (!lane->padded)
		lane->padded = malloc(REPLAY_FRAME_MAX);
	if (!lane->padded)
		return NULL;
	memcpy(lane->padded, packet->data, packet->caplen);
	memset(lane->padded + packet->caplen, 0, packet->len - packet->caplen);
	return lane->padded;
}

/* Set item->frame, or item->skip. */
static void replay_item_prepare(struct replay_item *item, struct replay_lane *lane)
{
	const struct replay_options *options = lane->options;
	const struct replay_packet *packet = &item->packet;
	bool cut = packet->caplen < packet->len;

	item->frame = (struct xdpdrop_replay_frame){
		.size = sizeof(item->frame),
		.data = packet->data,
		.caplen = packet->caplen,
		.len = packet->len,
		.rx_queue = options->queue_given ? options->queue : packet->queue,
		.realtime = packet->realtime,
	};
	item->result.size = sizeof(item->result);
	item->other.size = sizeof(item->other);
	item->skip = packet->link_type == LINKTYPE_ETHERNET ? REPLAY_RUN : REPLAY_LINK_TYPE;
	if (item->skip != REPLAY_RUN || !cut)
		return;
	item->frame.data = NULL;
	if (options->pad && packet->len <= REPLAY_FRAME_MAX)
		item->frame.data = replay_item_pad(lane, packet);
	item->frame.caplen = packet->len;
	if (!item->frame.data)
		item->skip = REPLAY_CUT;
}

/* The time of the frame's own run counts, unless it is to be repeated. */
static int replay_item_measure(struct replay_item *item, struct replay_lane *lane)
{
	item->ns = item->result.ns;
	if (!lane->options->repeat)
		return 0;
	/* many runs take long, and others may follow */
	return signals_ended() ? -EINTR :
				 xdpdrop_replay_time(lane->program, &item->frame,
						     lane->options->repeat, &item->ns);
}

int replay_item_run(struct replay_item *item, struct replay_lane *lane)
{
	int err;

	replay_item_prepare(item, lane);
	if (item->skip != REPLAY_RUN)
		return 0;
	err = xdpdrop_replay_run(lane->program, &item->frame, &item->result);
	if (!err && lane->other)
		err = xdpdrop_replay_run(lane->other, &item->frame, &item->other);
	err = err ? err : replay_item_measure(item, lane);
	item->skip = replay_item_skip_of_error(err);
	return item->skip == REPLAY_RUN ? err : 0;
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
