/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The last frames of a capture, in bounded memory, as blocks that are ready to be written. They
 * come out in the order of their arrival. The memory consists of segments, and each reason fills
 * segments of its own. If there is no room for a frame, the oldest segment of its own reason is
 * forgotten, if that holds half of the memory, otherwise the oldest one of the reason that holds
 * the most. So a flood displaces itself. The content of blocks is not interpreted.
 */
#ifndef XDPDROP_OUTPUT_HISTORY_H
#define XDPDROP_OUTPUT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "output/order.h"
#include "output/segments.h"
#include "output/shares.h"

/* What belongs to a block. */
struct history_frame {
	__u64 time; /* ns, the kernel's; never less than that of the previous frame */
	__u32 interface;
	__u32 reason;
	__u16 point; /* frames of one reason at two capture points have two reasons here */
};

struct history {
	struct segments segments;
	struct shares shares; /* of the segments, by reason */
	__u32 most;	      /* segments of one reason */
	/*
	 * The reason of the next frame, its last segment, whose ->end is not current, and where
	 * the block can be in that.
	 */
	__u64 key;
	struct segment *last; /* NULL: it has none */
	char *at;
	size_t left;	    /* 0: a frame needs another segment */
	struct order order; /* of the oldest frames of reasons; empty: it is to be made */
	__u64 sequence;	    /* frames put in so far */
	__u64 kept;	    /* frames in it now */
	__u64 forgotten;    /* frames so far */
};

/* The least memory that init takes. */
#define HISTORY_LEAST (4 * 1024)

/* @history is zeroed. @bytes: of all its memory, at least HISTORY_LEAST. Errors: -ENOMEM. */
int history_init(struct history *history, __u64 bytes);
void history_free(struct history *history);

/* Change to another reason. */
void history_turn(struct history *history, __u64 key);

/*
 * The next frame is of this reason. Returns where its block can be composed, if it is not longer
 * than *@size.
 */
static inline void *history_aim(struct history *history, __u16 point, __u32 reason, size_t *size)
{
	const __u64 key = (__u64)point << 32 | reason;

	if (key != history->key)
		history_turn(history, key);
	*size = history->left;
	return history->at;
}

/*
 * Add a frame of the reason that was aimed at, with the block of @size bytes at @data, which is
 * copied unless it was composed there. A frame that is too large is forgotten at once.
 */
void history_put(struct history *history, __u64 time, __u32 interface, const void *data,
		 size_t size);

/* Set *@frame to the oldest frame, and *@size to that of its block. False: there is none. */
bool history_oldest(struct history *history, struct history_frame *frame, size_t *size);

/* Move the block of the frame that history_oldest() has set to @to. */
void history_move(struct history *history, void *to);

/* Forget frames that are older than @time. */
void history_expire(struct history *history, __u64 time);

/* Forget all frames. */
void history_clear(struct history *history);

/* Number of frames in it of a reason at a capture point. */
__u32 history_count(const struct history *history, __u16 point, __u32 reason);

/* Call @fn for each frame, in any order. */
void history_each(const struct history *history,
		  void (*fn)(void *data, const struct history_frame *frame), void *data);

#endif
