// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A reason has a chain of segments, in which its frames are back to back. A block may go on in the
 * next segment. So the work for a frame is mostly that of appending to a buffer.
 */
#include "output/history.h"

#include <errno.h>
#include <string.h>

#define CACHE_LINE 64
/* How far before it is written memory is fetched. */
#define AHEAD 1024
/* Enough segments for thousands of reasons, and large enough ones for many frames. */
#define SEGMENTS 16384
#define LEAST_SHIFT 9
#define MOST_SHIFT 16

/* Precedes the block of a frame, in the same segment as its beginning. */
struct head {
	__u64 sequence; /* over all reasons */
	__u64 time;
	__u32 interface;
	__u32 size; /* of the block */
};

/* What is noted about a segment elsewhere. */
#define NOTED (sizeof(struct segment) + sizeof(struct order_entry))

static unsigned int history_shift(__u64 bytes)
{
	unsigned int shift = LEAST_SHIFT;

	while (shift < MOST_SHIFT && bytes >> shift > SEGMENTS)
		shift++;
	return shift;
}

/* The segments for which @bytes suffice together with what is noted about them. */
static __u32 history_fitting(__u64 bytes, unsigned int shift)
{
	const __u64 each = (1ULL << shift) + NOTED;
	__u64 count = bytes / each, taken;

	count = count < SEGMENTS_NONE / 2 ? count : SEGMENTS_NONE / 2;
	while (count && (taken = count * each + shares_bytes(count)) > bytes)
		count -= (taken - bytes) / (each + sizeof(struct share)) / 2 + 1;
	return count;
}

int history_init(struct history *history, __u64 bytes)
{
	const unsigned int shift = history_shift(bytes);
	const __u32 count = history_fitting(bytes, shift);

	if (!count)
		return -EINVAL;
	if (segments_init(&history->segments, count, shift) ||
	    shares_init(&history->shares, count) || order_init(&history->order, count)) {
		history_free(history);
		return -ENOMEM;
	}
	history->most = count / 2;
	history->key = SHARES_NO_KEY;
	return 0;
}

void history_free(struct history *history)
{
	segments_free(&history->segments);
	shares_free(&history->shares);
	order_free(&history->order);
	memset(history, 0, sizeof(*history));
}

static struct segment *history_segment(const struct history *history, __u32 index)
{
	return &history->segments.segment[index];
}

/* The oldest one of a reason that has any. */
static struct segment *history_front(const struct history *history, __u32 index)
{
	return history_segment(history, history->shares.share[index].oldest);
}

static size_t history_aligned(size_t size)
{
	return (size + sizeof(__u64) - 1) & ~(sizeof(__u64) - 1);
}

static const struct head *history_head(const struct history *history, const struct segment *segment,
				       __u32 offset)
{
	return (const struct head *)(segments_memory(&history->segments, segment) + offset);
}

static size_t history_end(const struct history *history)
{
	return history->at - sizeof(struct head) -
	       segments_memory(&history->segments, history->last);
}

/* The next frame begins at @offset in @segment, or in another one. */
static void history_place(struct history *history, struct segment *segment, size_t offset)
{
	const size_t begin = offset + sizeof(struct head), most = segments_size(&history->segments);

	history->last = segment;
	history->at = segments_memory(&history->segments, segment) + begin;
	history->left = begin < most ? most - begin : 0;
}

static void history_leave(struct history *history)
{
	history->last = NULL;
	history->at = NULL;
	history->left = 0;
}

void history_turn(struct history *history, __u64 key)
{
	__u32 index = shares_look(&history->shares, key);
	struct segment *segment;

	if (history->last)
		history->last->end = history_end(history);
	history->key = key;
	history_leave(history);
	if (index == SHARES_NONE)
		return;
	segment = history_segment(history, history->shares.share[index].youngest);
	history_place(history, segment, segment->end);
}

/* A further segment for the present reason. */
static void history_extend(struct history *history, __u32 index)
{
	struct share *share = &history->shares.share[index];
	const __u32 taken = segments_take(&history->segments);

	if (share->segments)
		history->last->next = taken;
	else
		share->oldest = taken;
	share->youngest = taken;
	shares_change(&history->shares, index, 1);
	history_place(history, history_segment(history, taken), 0);
}

/* Give back the first segments of a reason in which no frame begins: they were read. */
static void history_trim(struct history *history, __u32 index)
{
	struct share *share = &history->shares.share[index];

	while (share->segments) {
		const __u32 oldest = share->oldest;
		const struct segment *segment = history_segment(history, oldest);

		if (segment->frames)
			break;
		if (segment == history->last)
			history_leave(history);
		share->oldest = segment->next;
		segments_give(&history->segments, oldest);
		shares_change(&history->shares, index, -1);
	}
}

/* The oldest segment of a reason, which may have none afterwards. */
static void history_forget(struct history *history, __u32 index)
{
	struct segment *segment = history_front(history, index);

	history->kept -= segment->frames;
	history->forgotten += segment->frames;
	segment->frames = 0;
	history_trim(history, index);
}

/* Further segments that the next frame takes. */
static __u32 history_needs(const struct history *history, size_t size)
{
	const size_t most = segments_size(&history->segments);
	size_t bytes =
		history->left ? history_aligned(size) : history_aligned(size) + sizeof(struct head);

	return bytes <= history->left ?
		       0 :
		       (bytes - history->left + most - 1) >> history->segments.shift;
}

/* For the next frame, to which half of the memory is enough. */
static void history_make_room(struct history *history, __u32 index, size_t size)
{
	const struct share *share = &history->shares.share[index];

	while (share->segments + history_needs(history, size) > history->most)
		history_forget(history, index);
	while (history->segments.free < history_needs(history, size)) {
		__u32 largest = shares_largest(&history->shares);

		history_forget(history, largest);
		if (largest != index)
			shares_release(&history->shares, largest);
	}
}

/* The head of the next frame, for which there is room. */
static void history_begin(struct history *history, __u64 time, __u32 interface, size_t size)
{
	struct head *head = (struct head *)history->at - 1;

	head->sequence = history->sequence++;
	head->time = time;
	head->interface = interface;
	head->size = size;
	history->last->frames++;
	history->kept++;
}

/* What is overwritten is not in a near cache, and few stores that miss it make the CPU wait. */
static void history_prefetch(const char *at, size_t bytes)
{
	for (const char *end = at + bytes; at < end; at += CACHE_LINE)
		__builtin_prefetch(at, 1);
}

/* The block of the next frame, from another place, over several segments. There is room. */
static void history_store(struct history *history, __u32 index, const char *data, size_t size)
{
	char *to = history->at;
	size_t left = history->left;

	while (size > left) {
		memcpy(to, data, left);
		data += left;
		size -= left;
		history_extend(history, index);
		to = segments_memory(&history->segments, history->last);
		left = segments_size(&history->segments);
	}
	memcpy(to, data, size);
	to += history_aligned(size);
	history_place(history, history->last,
		      to - segments_memory(&history->segments, history->last));
	/* the next frame is the first one that begins there */
	if (!history->last->frames)
		history->last->oldest = history_end(history);
}

/* A frame that was not composed in its place. Not inline: most frames were. */
static __attribute__((noinline)) void history_add(struct history *history, __u64 time,
						  __u32 interface, const char *data, size_t size)
{
	const __u64 longest = (__u64)history->most << history->segments.shift;
	__u32 index;

	if (history_aligned(size) + sizeof(struct head) > longest) {
		history->forgotten++;
		return;
	}
	history->order.count = 0;
	index = shares_find(&history->shares, history->key);
	history_make_room(history, index, size);
	if (!history->left)
		history_extend(history, index);
	history_begin(history, time, interface, size);
	history_store(history, index, data, size);
}

void history_put(struct history *history, __u64 time, __u32 interface, const void *data,
		 size_t size)
{
	const size_t bytes = history_aligned(size) + sizeof(struct head);

	if (data != history->at) {
		history_add(history, time, interface, data, size);
		return;
	}
	history_begin(history, time, interface, size);
	history_prefetch(history->at + AHEAD, bytes);
	history->at += bytes;
	history->left = history->left > bytes ? history->left - bytes : 0;
}

static const struct head *history_first(const struct history *history, __u32 index)
{
	const struct segment *segment = history_front(history, index);

	return history_head(history, segment, segment->oldest);
}

static struct history_frame history_describe(const struct share *share, const struct head *head)
{
	return (struct history_frame){ .time = head->time,
				       .interface = head->interface,
				       .reason = (__u32)share->key,
				       .point = share->key >> 32 };
}

static void history_sort(struct history *history)
{
	__u32 count = 0;

	for (__u32 i = 0; i < history->shares.count; i++)
		if (history->shares.share[i].segments)
			history->order.entry[count++] =
				(struct order_entry){ .number = history_first(history, i)->sequence,
						      .queue = i };
	order_sort(&history->order, count);
}

bool history_oldest(struct history *history, struct history_frame *frame, size_t *size)
{
	const struct head *head;
	__u32 index;

	if (!history->kept)
		return false;
	if (!history->order.count)
		history_sort(history);
	index = history->order.entry[0].queue;
	head = history_first(history, index);
	*size = head->size;
	*frame = history_describe(&history->shares.share[index], head);
	return true;
}

static void history_load(const struct history *history, const struct segment *segment, char *to)
{
	const struct head *head = history_head(history, segment, segment->oldest);
	const char *from = (const char *)(head + 1);
	size_t size = head->size;
	size_t left = segments_memory(&history->segments, segment) +
		      segments_size(&history->segments) - from;

	while (size > left) {
		memcpy(to, from, left);
		to += left;
		size -= left;
		segment = history_segment(history, segment->next);
		from = segments_memory(&history->segments, segment);
		left = segments_size(&history->segments);
	}
	memcpy(to, from, size);
}

/* The oldest frame of a reason, which may have none afterwards. */
static void history_remove(struct history *history, __u32 index)
{
	struct segment *segment = history_front(history, index);

	segment->oldest +=
		sizeof(struct head) + history_aligned(history_first(history, index)->size);
	segment->frames--;
	history->kept--;
	history_trim(history, index);
}

void history_move(struct history *history, void *to)
{
	const __u32 index = history->order.entry[0].queue;
	const struct share *share = &history->shares.share[index];

	history_load(history, history_segment(history, share->oldest), to);
	history_remove(history, index);
	if (share->segments) {
		order_advance(&history->order, history_first(history, index)->sequence);
		return;
	}
	order_remove(&history->order);
	shares_release(&history->shares, index);
}

static void history_expire_of(struct history *history, __u32 index, __u64 time)
{
	const struct share *share = &history->shares.share[index];

	while (share->segments && history_first(history, index)->time < time) {
		history_remove(history, index);
		history->forgotten++;
	}
	shares_release(&history->shares, index);
}

void history_expire(struct history *history, __u64 time)
{
	history->order.count = 0;
	for (__u32 i = 0; history->kept && i < history->shares.count; i++)
		if (history->shares.share[i].segments)
			history_expire_of(history, i, time);
}

void history_clear(struct history *history)
{
	history_expire(history, ~0ULL);
}

__u32 history_count(const struct history *history, __u16 point, __u32 reason)
{
	__u32 index = shares_look(&history->shares, (__u64)point << 32 | reason), count = 0, at;

	if (index == SHARES_NONE)
		return 0;
	for (at = history->shares.share[index].oldest; at != SEGMENTS_NONE;
	     at = history_segment(history, at)->next)
		count += history_segment(history, at)->frames;
	return count;
}

static void history_each_of(const struct history *history, const struct share *share,
			    const struct segment *segment,
			    void (*fn)(void *data, const struct history_frame *frame), void *data)
{
	__u32 offset = segment->oldest;

	for (__u32 i = 0; i < segment->frames; i++) {
		const struct head *head = history_head(history, segment, offset);
		const struct history_frame frame = history_describe(share, head);

		fn(data, &frame);
		offset += sizeof(*head) + history_aligned(head->size);
	}
}

void history_each(const struct history *history,
		  void (*fn)(void *data, const struct history_frame *frame), void *data)
{
	for (__u32 i = 0; history->kept && i < history->shares.count; i++) {
		const struct share *share = &history->shares.share[i];
		__u32 at = share->segments ? share->oldest : SEGMENTS_NONE;

		for (; at != SEGMENTS_NONE; at = history_segment(history, at)->next)
			history_each_of(history, share, history_segment(history, at), fn, data);
	}
}
