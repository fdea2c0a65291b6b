// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes are found by a hash table with chains, and the one with the smallest count by a heap. When
 * there is no room, a new key takes the place of that one: it inherits its count, which is then the
 * error.
 */
#include "count/top.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct top_node {
	struct top_entry entry;
	__u32 next;  /* in its bucket: number plus 1, 0: the last one */
	__u32 place; /* in the heap */
};

int top_open(struct top *top, unsigned int capacity)
{
	*top = (struct top){ .capacity = capacity };
	top->node = calloc(capacity, sizeof(*top->node));
	top->heap = calloc(capacity, sizeof(*top->heap));
	top->bucket = calloc(capacity, sizeof(*top->bucket));
	if (!top->node || !top->heap || !top->bucket)
		return -ENOMEM;
	/* Senders choose keys; without a seed, they could choose one bucket for all. */
	if (getrandom(&top->seed, sizeof(top->seed), GRND_NONBLOCK) < 0)
		top->seed = (size_t)top->node;
	return 0;
}

void top_close(struct top *top)
{
	free(top->node);
	free(top->heap);
	free(top->bucket);
	*top = (struct top){ 0 };
}

void top_clear(struct top *top)
{
	memset(top->bucket, 0, top->capacity * sizeof(*top->bucket));
	top->count = 0;
	top->total = 0;
}

static __u64 top_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* The bucket of a key. */
static __u32 *top_bucket(const struct top *top, const void *key, size_t size)
{
	__u64 hash = top_mix(top->seed, size), word;

	for (size_t at = 0; at < size; at += sizeof(word)) {
		size_t rest = size - at < sizeof(word) ? size - at : sizeof(word);

		word = 0;
		memcpy(&word, (const __u8 *)key + at, rest);
		hash = top_mix(hash, word);
	}
	return &top->bucket[hash % top->capacity];
}

static struct top_node *top_find(const struct top *top, const void *key, size_t size)
{
	__u32 number = *top_bucket(top, key, size);

	while (number) {
		struct top_node *node = &top->node[number - 1];

		if (node->entry.size == size && !memcmp(node->entry.key, key, size))
			return node;
		number = node->next;
	}
	return NULL;
}

static void top_link(struct top *top, struct top_node *node)
{
	__u32 *bucket = top_bucket(top, node->entry.key, node->entry.size);

	node->next = *bucket;
	*bucket = node - top->node + 1;
}

static void top_unlink(struct top *top, const struct top_node *node)
{
	__u32 *link = top_bucket(top, node->entry.key, node->entry.size);

	while (*link != node - top->node + 1)
		link = &top->node[*link - 1].next;
	*link = node->next;
}

static __u64 top_count_at(const struct top *top, unsigned int place)
{
	return top->node[top->heap[place]].entry.count;
}

static void top_swap(struct top *top, unsigned int a, unsigned int b)
{
	__u32 number = top->heap[a];

	top->heap[a] = top->heap[b];
	top->heap[b] = number;
	top->node[top->heap[a]].place = a;
	top->node[top->heap[b]].place = b;
}

/* A new node is the last one, and may have a smaller count than those above it. */
static void top_raise(struct top *top, unsigned int place)
{
	while (place && top_count_at(top, place) < top_count_at(top, (place - 1) / 2)) {
		top_swap(top, place, (place - 1) / 2);
		place = (place - 1) / 2;
	}
}

/* The count at @place has grown. */
static void top_sink(struct top *top, unsigned int place)
{
	for (;;) {
		unsigned int least = place;

		for (unsigned int child = 2 * place + 1; child <= 2 * place + 2; child++)
			if (child < top->count &&
			    top_count_at(top, child) < top_count_at(top, least))
				least = child;
		if (least == place)
			return;
		top_swap(top, place, least);
		place = least;
	}
}

static void top_set_key(struct top *top, struct top_node *node, const void *key, size_t size)
{
	memcpy(node->entry.key, key, size);
	node->entry.size = size;
	top_link(top, node);
}

static void top_append(struct top *top, const void *key, size_t size, __u64 weight)
{
	unsigned int place = top->count++;
	struct top_node *node = &top->node[place];

	*node = (struct top_node){ .entry = { .count = weight }, .place = place };
	top->heap[place] = place;
	top_set_key(top, node, key, size);
	top_raise(top, place);
}

static void top_replace(struct top *top, const void *key, size_t size, __u64 weight)
{
	struct top_node *node = &top->node[top->heap[0]];

	top_unlink(top, node);
	node->entry.error = node->entry.count;
	node->entry.count += weight;
	top_set_key(top, node, key, size);
	top_sink(top, 0);
}

void top_add(struct top *top, const void *key, size_t size, __u64 weight)
{
	struct top_node *node = top_find(top, key, size);

	top->total += weight;
	if (node) {
		node->entry.count += weight;
		top_sink(top, node->place);
	} else if (top->count < top->capacity) {
		top_append(top, key, size, weight);
	} else {
		top_replace(top, key, size, weight);
	}
}

/* Of two with the same count, the one that is known better; else in an order that stays. */
static bool top_precedes(const struct top_entry *a, const struct top_entry *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	if (a->error != b->error)
		return a->error < b->error;
	if (a->size != b->size)
		return a->size < b->size;
	return memcmp(a->key, b->key, a->size) < 0;
}

unsigned int top_list(const struct top *top, struct top_entry *entry, unsigned int most)
{
	unsigned int listed = 0;

	for (unsigned int i = 0; most && i < top->count; i++) {
		const struct top_entry *one = &top->node[i].entry;
		unsigned int at;

		if (listed == most && !top_precedes(one, &entry[most - 1]))
			continue;
		listed += listed < most;
		for (at = listed - 1; at && top_precedes(one, &entry[at - 1]); at--)
			entry[at] = entry[at - 1];
		entry[at] = *one;
	}
	return listed;
}
