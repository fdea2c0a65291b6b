// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch ends when the longest frame might not fit any more.
 */
#include <errno.h>
#include <string.h>

#include "common/signals.h"
#include "replay/replay_batch.h"

#define ALIGNED(bytes) (((bytes) + 7UL) & ~7UL)
#define ITEM_MOST                                                                                  \
	(ALIGNED(REPLAY_FRAME_MAX) + ALIGNED(REPLAY_TEXT_BYTES) + ALIGNED(REPLAY_NAME_BYTES) +     \
	 (REPLAY_COMMENTS + 1) * (sizeof(char *) + 8))

static void *replay_batch_keep(struct replay_batch *batch, const void *data, size_t bytes)
{
	void *kept = batch->bytes + batch->used;

	memcpy(kept, data, bytes);
	batch->used += ALIGNED(bytes);
	return kept;
}

static const char *const *replay_batch_keep_comments(struct replay_batch *batch,
						     const char *const *comments)
{
	const char **kept;
	unsigned int count = 0;

	while (comments[count])
		count++;
	kept = replay_batch_keep(batch, comments, (count + 1) * sizeof(*comments));
	for (unsigned int i = 0; i < count; i++)
		kept[i] = replay_batch_keep(batch, comments[i], strlen(comments[i]) + 1);
	return kept;
}

static bool replay_batch_has_room(const struct replay_batch *batch, unsigned int most)
{
	return batch->count < most && sizeof(batch->bytes) - batch->used >= ITEM_MOST;
}

/* What the reader lends for one frame only; with @data also what it lends until it reads again. */
static void replay_batch_keep_frame(struct replay_batch *batch, struct xdpdrop_replay_frame *frame,
				    bool data)
{
	if (data)
		frame->data = replay_batch_keep(batch, frame->data, frame->caplen);
	if (frame->comments)
		frame->comments = replay_batch_keep_comments(batch, frame->comments);
	if (frame->ifname)
		frame->ifname = replay_batch_keep(batch, frame->ifname, strlen(frame->ifname) + 1);
}

int replay_batch_read(struct replay_batch *batch, struct replay_reader *reader, unsigned int most,
		      bool keep)
{
	int got = 1;

	batch->used = batch->count = 0;
	while (replay_batch_has_room(batch, most)) {
		struct replay_packet *packet = &batch->item[batch->count].packet;

		got = replay_reader_next(reader, packet);
		if (got <= 0)
			break;
		replay_batch_keep_frame(batch, &packet->frame, keep);
		if (!batch->count++)
			replay_reader_hold(reader, true);
	}
	replay_reader_hold(reader, false);
	return got == -EAGAIN && batch->count ? 1 : got;
}

void replay_batch_run(struct replay_batch *batch, struct replay_lane *lane)
{
	batch->err = signals_ended() ? -EINTR : 0;
	batch->run = 0;
	while (!batch->err && batch->run < batch->count) {
		batch->err = replay_item_run(&batch->item[batch->run], lane);
		batch->run += !batch->err;
	}
}
