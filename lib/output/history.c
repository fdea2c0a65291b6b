// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Cells of one size: frames of all reasons are freed in any order, and no gaps result. Two lists go
 * through the frames: by age over all of them, and by age within a reason.
 */
#include "output/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CELL_BYTES 256
#define CACHE_LINE 64
#define NONE (~0U)
/* Cells for each reason that is counted for itself, and the most of these. */
#define CELLS_OF_REASON 8
#define MOST_REASONS 16384
#define HUGE_PAGE (2 * 1024 * 1024)

/* The first cell of a frame. */
struct history_head {
	__u32 next; /* cell of the same frame; of a free cell: the next free one */
	__u32 size; /* of the block */
	__u32 older, newer;
	__u32 later; /* the next frame of its reason */
	__u32 share;
	struct history_frame frame;
	char data[];
};

struct history_more {
	__u32 next;
	char data[CELL_BYTES - sizeof(__u32)];
};

#define HEAD_DATA (CELL_BYTES - sizeof(struct history_head))
#define MORE_DATA (CELL_BYTES - sizeof(__u32))

union history_cell {
	struct history_head head;
	struct history_more more;
	char bytes[CELL_BYTES];
};

_Static_assert(sizeof(union history_cell) == CELL_BYTES, "cells are as large as declared");

static __u32 history_reasons(__u64 cells)
{
	__u64 reasons = cells / CELLS_OF_REASON + 1;

	return reasons < MOST_REASONS ? reasons : MOST_REASONS;
}

/* The cells for which @bytes suffice together with what each reason takes. */
static __u32 history_fitting(__u64 bytes)
{
	__u64 cells = bytes / CELL_BYTES;
	__u64 over = shares_bytes(history_reasons(cells));

	cells = over < bytes ? (bytes - over) / CELL_BYTES : 0;
	return cells < NONE / 2 ? cells : NONE / 2;
}

/* Of huge pages: cells are used in any order. */
static union history_cell *history_allocate(__u64 bytes)
{
	void *memory;

	if (posix_memalign(&memory, bytes < HUGE_PAGE ? CELL_BYTES : HUGE_PAGE, bytes))
		return NULL;
	if (bytes >= HUGE_PAGE)
		madvise(memory, bytes, MADV_HUGEPAGE);
	return memory;
}

int history_init(struct history *history, __u64 bytes)
{
	__u32 cells = history_fitting(bytes);
	int err = cells ? shares_init(&history->shares, history_reasons(cells)) : -EINVAL;

	if (err)
		return err;
	history->cell = history_allocate((__u64)cells * CELL_BYTES);
	if (!history->cell) {
		history_free(history);
		return -ENOMEM;
	}
	history->count = history->free = cells - 1;
	history->most = history->count / 2;
	history->vacant = history->oldest = history->youngest = NONE;
	history->spare = history->fresh++;
	return 0;
}

void history_free(struct history *history)
{
	shares_free(&history->shares);
	free(history->cell);
	memset(history, 0, sizeof(*history));
}

static struct history_head *history_head(const struct history *history, __u32 index)
{
	return &history->cell[index].head;
}

static __u32 history_cells(size_t size)
{
	return size <= HEAD_DATA ? 1 : 2 + (size - HEAD_DATA - 1) / MORE_DATA;
}

static __u64 history_key(__u16 point, __u32 reason)
{
	return (__u64)point << 32 | reason;
}

static __u32 history_take_cell(struct history *history)
{
	__u32 index = history->vacant;

	history->free--;
	if (index == NONE)
		return history->fresh++;
	history->vacant = history->cell[index].more.next;
	return index;
}

static void history_free_cells(struct history *history, __u32 index)
{
	while (index != NONE) {
		__u32 next = history->cell[index].more.next;

		history->cell[index].more.next = history->vacant;
		history->vacant = index;
		history->free++;
		index = next;
	}
}

/* It is the next to leave, as cold memory, when its reason is a flood. */
static void history_prefetch(const struct history *history, __u32 index)
{
	const union history_cell *cell = &history->cell[index];

	for (size_t at = 0; at < CELL_BYTES; at += CACHE_LINE)
		__builtin_prefetch(cell->bytes + at, 1);
}

/* The oldest frame of its reason leaves the lists, but not its share. */
static void history_unlink(struct history *history, struct share *share,
			   const struct history_head *head)
{
	if (head->older == NONE)
		history->oldest = head->newer;
	else
		history_head(history, head->older)->newer = head->newer;
	if (head->newer == NONE)
		history->youngest = head->older;
	else
		history_head(history, head->newer)->older = head->older;
	share->oldest = head->later;
}

/* Its share may be empty afterwards. */
static void history_remove(struct history *history, __u32 index)
{
	const struct history_head *head = history_head(history, index);
	const __s32 cells = history_cells(head->size);
	const __u32 share = head->share;

	history_unlink(history, &history->shares.share[share], head);
	history_free_cells(history, index);
	history->kept--;
	shares_change(&history->shares, share, -cells, -1);
}

static void history_forget(struct history *history, __u32 share)
{
	history_remove(history, history->shares.share[share].oldest);
	history->forgotten++;
}

/* Room for @cells cells of @share, to which they are less than half of the memory. */
static void history_make_room(struct history *history, __u32 share, __u32 cells)
{
	while (history->shares.share[share].cells + cells > history->most)
		history_forget(history, share);
	while (history->free < cells) {
		__u32 largest = shares_largest(&history->shares);

		history_forget(history, largest);
		if (largest != share)
			shares_release(&history->shares, largest);
	}
}

static __u32 history_store(struct history *history, const char *data, size_t size)
{
	__u32 first = history_take_cell(history), at = first;
	size_t part = size < HEAD_DATA ? size : HEAD_DATA;

	memcpy(history->cell[at].head.data, data, part);
	for (data += part, size -= part; size; data += part, size -= part) {
		__u32 next = history_take_cell(history);

		history->cell[at].more.next = next;
		at = next;
		part = size < MORE_DATA ? size : MORE_DATA;
		memcpy(history->cell[at].more.data, data, part);
	}
	history->cell[at].more.next = NONE;
	return first;
}

/* The youngest frame of its share, which counts it already. */
static void history_link(struct history *history, struct share *share, struct history_head *head,
			 __u32 index)
{
	head->older = history->youngest;
	head->newer = head->later = NONE;
	if (history->youngest == NONE)
		history->oldest = index;
	else
		history_head(history, history->youngest)->newer = index;
	history->youngest = index;
	if (share->frames > 1)
		history_head(history, share->youngest)->later = index;
	else
		share->oldest = index;
	share->youngest = index;
}

void *history_room(const struct history *history, size_t *size)
{
	*size = HEAD_DATA;
	return history->cell[history->spare].head.data;
}

static bool history_is_in_room(const struct history *history, const char *data)
{
	return data == history->cell[history->spare].head.data;
}

/* Cells are free. */
static __u32 history_place(struct history *history, const char *data, size_t size)
{
	const __u32 index = history->spare;

	if (!history_is_in_room(history, data))
		return history_store(history, data, size);
	history->spare = history_take_cell(history);
	history->cell[index].more.next = NONE;
	return index;
}

/* Does the oldest frame of @share make way for one of its size? */
static bool history_replaces(const struct history *history, const struct share *share, __u32 cells)
{
	return share->cells + cells > history->most &&
	       history_cells(history_head(history, share->oldest)->size) == cells;
}

/* The usual case of a flood: the share stays as it is. */
static __u32 history_replace(struct history *history, struct share *share, const char *data,
			     size_t size)
{
	__u32 oldest = share->oldest, index = history->spare;

	history_unlink(history, share, history_head(history, oldest));
	history->forgotten++;
	if (share->oldest != NONE)
		history_prefetch(history, share->oldest);
	if (history_is_in_room(history, data) && history->cell[oldest].more.next == NONE) {
		history->spare = oldest;
		history->cell[index].more.next = NONE;
		return index;
	}
	history_free_cells(history, oldest);
	return history_place(history, data, size);
}

static __u32 history_add(struct history *history, __u32 share, const char *data, size_t size)
{
	const __u32 cells = history_cells(size);

	history_make_room(history, share, cells);
	shares_change(&history->shares, share, cells, 1);
	history->kept++;
	return history_place(history, data, size);
}

void history_put(struct history *history, const struct history_frame *frame, const void *data,
		 size_t size)
{
	__u32 cells = history_cells(size), share, index;
	struct history_head *head;
	struct share *own;

	if (cells > history->most) {
		history->forgotten++;
		return;
	}
	share = shares_find(&history->shares, history_key(frame->point, frame->reason));
	own = &history->shares.share[share];
	index = history_replaces(history, own, cells) ? history_replace(history, own, data, size) :
							history_add(history, share, data, size);
	head = history_head(history, index);
	head->size = size;
	head->share = share;
	head->frame = *frame;
	history_link(history, own, head, index);
}

const struct history_frame *history_oldest(const struct history *history, size_t *size)
{
	if (history->oldest == NONE)
		return NULL;
	*size = history_head(history, history->oldest)->size;
	return &history_head(history, history->oldest)->frame;
}

static void history_load(const struct history *history, __u32 at, char *to)
{
	size_t size = history_head(history, at)->size;
	size_t part = size < HEAD_DATA ? size : HEAD_DATA;

	memcpy(to, history->cell[at].head.data, part);
	for (to += part, size -= part; size; to += part, size -= part) {
		at = history->cell[at].more.next;
		part = size < MORE_DATA ? size : MORE_DATA;
		memcpy(to, history->cell[at].more.data, part);
	}
}

void history_move(struct history *history, void *to)
{
	__u32 share = history_head(history, history->oldest)->share;

	history_load(history, history->oldest, to);
	history_remove(history, history->oldest);
	shares_release(&history->shares, share);
}

static void history_forget_oldest(struct history *history)
{
	__u32 share = history_head(history, history->oldest)->share;

	history_forget(history, share);
	shares_release(&history->shares, share);
}

void history_expire(struct history *history, __u64 time)
{
	while (history->kept && history_head(history, history->oldest)->frame.time < time)
		history_forget_oldest(history);
}

void history_clear(struct history *history)
{
	while (history->kept)
		history_forget_oldest(history);
}

__u32 history_count(const struct history *history, __u16 point, __u32 reason)
{
	__u32 share = shares_look(&history->shares, history_key(point, reason));

	return share == SHARES_NONE ? 0 : history->shares.share[share].frames;
}

void history_each(const struct history *history,
		  void (*fn)(void *data, const struct history_frame *frame), void *data)
{
	for (__u32 i = history->oldest; history->kept && i != NONE;
	     i = history_head(history, i)->newer)
		fn(data, &history_head(history, i)->frame);
}
