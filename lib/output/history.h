/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The last frames of a capture, in bounded memory, as blocks that are ready to be written, in the
 * order of their arrival. A frame that needs room displaces the oldest frame of its own reason, if
 * that holds half of the memory, otherwise the oldest one of the reason that holds the most. So a
 * flood displaces itself. Each frame is added, moved out, or forgotten once, in constant time. The
 * content of blocks is not interpreted.
 */
#ifndef XDPDROP_OUTPUT_HISTORY_H
#define XDPDROP_OUTPUT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "output/shares.h"

/* What belongs to a block. */
struct history_frame {
	__u64 time; /* ns, the kernel's; never less than that of the previous frame */
	__u32 interface;
	__u32 reason;
	__u16 point; /* frames of one reason at two capture points have two reasons here */
};

union history_cell;

struct history {
	union history_cell *cell; /* the memory: blocks are chains of cells */
	__u32 count;		  /* of cells, without the spare one */
	__u32 fresh;		  /* cells from here on were never used */
	__u32 vacant;		  /* first of the other free ones */
	__u32 free;		  /* number of free ones */
	__u32 spare;		  /* a further one, in which the next block may be composed */
	__u32 most;		  /* cells of one reason */
	__u32 oldest, youngest;
	struct shares shares; /* by reason */
	__u64 kept;	      /* frames in it now */
	__u64 forgotten;      /* frames so far */
};

/* The least memory that init takes. */
#define HISTORY_LEAST (4 * 1024)

/* @history is zeroed. @bytes: of all its memory, at least HISTORY_LEAST. Errors: -ENOMEM. */
int history_init(struct history *history, __u64 bytes);
void history_free(struct history *history);

/* Where a block can be composed that is put in next, if it is not longer than *@size. */
void *history_room(const struct history *history, size_t *size);

/*
 * Add a frame with the block of @size bytes at @data, which is copied unless it is in the room
 * for it. A frame that is too large is forgotten at once.
 */
void history_put(struct history *history, const struct history_frame *frame, const void *data,
		 size_t size);

/* The oldest frame, and the size of its block. NULL: there is none. */
const struct history_frame *history_oldest(const struct history *history, size_t *size);

/* Move the block of the oldest frame, which exists, to @to. */
void history_move(struct history *history, void *to);

/* Forget frames that are older than @time. */
void history_expire(struct history *history, __u64 time);

/* Forget all frames. */
void history_clear(struct history *history);

/* Number of frames in it of a reason at a capture point. */
__u32 history_count(const struct history *history, __u16 point, __u32 reason);

/* Call @fn for each frame, the oldest first. */
void history_each(const struct history *history,
		  void (*fn)(void *data, const struct history_frame *frame), void *data);

#endif
