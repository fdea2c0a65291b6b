// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A hash table of keys, and a list of shares for each class of sizes. Of the classes in use a bit
 * is set, so the largest one is found without a search.
 */
#include "output/shares.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Below this size, a class has one size. */
#define SHARES_EXACT 4

static __u64 shares_chains(__u64 segments)
{
	__u64 chains = 1;

	while (chains < segments)
		chains *= 2;
	return chains;
}

__u64 shares_bytes(__u64 segments)
{
	return (segments + 1) * sizeof(struct share) + shares_chains(segments) * sizeof(__u32);
}

/* One more than segments: a key is added before it has any. */
int shares_init(struct shares *shares, __u32 segments)
{
	memset(shares, 0, sizeof(*shares));
	shares->count = segments + 1;
	shares->chains = shares_chains(segments);
	shares->share = calloc(shares->count, sizeof(*shares->share));
	shares->chain = malloc(shares->chains * sizeof(*shares->chain));
	if (!shares->share || !shares->chain) {
		shares_free(shares);
		return -ENOMEM;
	}
	memset(shares->chain, 0xff, shares->chains * sizeof(*shares->chain));
	memset(shares->first, 0xff, sizeof(shares->first));
	memset(shares->last, 0xff, sizeof(shares->last));
	for (__u32 i = 0; i < shares->count; i++) {
		shares->share[i].key = SHARES_NO_KEY;
		shares->share[i].next = i + 1 < shares->count ? i + 1 : SHARES_NONE;
	}
	return 0;
}

void shares_free(struct shares *shares)
{
	free(shares->share);
	free(shares->chain);
	memset(shares, 0, sizeof(*shares));
}

static __u32 *shares_chain(const struct shares *shares, __u64 key)
{
	return &shares->chain[key * 0x9e3779b97f4a7c15ULL >> 32 & (shares->chains - 1)];
}

__u32 shares_look(const struct shares *shares, __u64 key)
{
	__u32 index = shares->found;

	if (shares->share[index].key == key)
		return index;
	index = *shares_chain(shares, key);
	while (index != SHARES_NONE && shares->share[index].key != key)
		index = shares->share[index].next;
	return index;
}

static __u32 shares_add(struct shares *shares, __u64 key)
{
	__u32 index = shares->free, *chain = shares_chain(shares, key);

	shares->free = shares->share[index].next;
	shares->share[index] = (struct share){ .key = key, .next = *chain };
	*chain = index;
	return index;
}

__u32 shares_find(struct shares *shares, __u64 key)
{
	__u32 index = shares_look(shares, key);

	if (index == SHARES_NONE)
		index = shares_add(shares, key);
	shares->found = index;
	return index;
}

/* The sizes of a class differ by less than a quarter. */
static unsigned int shares_class(__u32 segments)
{
	unsigned int bits;

	if (segments < SHARES_EXACT)
		return segments;
	bits = 31 - __builtin_clz(segments);
	return (bits - 1) * SHARES_EXACT + (segments >> (bits - 2)) % SHARES_EXACT;
}

static void shares_leave(struct shares *shares, __u32 index, unsigned int class)
{
	struct share *share = &shares->share[index];

	if (share->before == SHARES_NONE)
		shares->first[class] = share->after;
	else
		shares->share[share->before].after = share->after;
	if (share->after == SHARES_NONE)
		shares->last[class] = share->before;
	else
		shares->share[share->after].before = share->before;
	if (shares->first[class] == SHARES_NONE)
		shares->used[class / 64] &= ~(1ULL << class % 64);
}

/* At the end: the share that is longest in the class is its first. */
static void shares_enter(struct shares *shares, __u32 index, unsigned int class)
{
	struct share *share = &shares->share[index];

	share->before = shares->last[class];
	share->after = SHARES_NONE;
	if (share->before == SHARES_NONE)
		shares->first[class] = index;
	else
		shares->share[share->before].after = index;
	shares->last[class] = index;
	shares->used[class / 64] |= 1ULL << class % 64;
}

void shares_change(struct shares *shares, __u32 index, __s32 segments)
{
	struct share *share = &shares->share[index];
	unsigned int before = shares_class(share->segments), after;

	share->segments += segments;
	after = shares_class(share->segments);
	if (before == after)
		return;
	if (before)
		shares_leave(shares, index, before);
	if (after)
		shares_enter(shares, index, after);
}

void shares_release(struct shares *shares, __u32 index)
{
	struct share *share = &shares->share[index];
	__u32 *link;

	if (share->segments)
		return;
	for (link = shares_chain(shares, share->key); *link != index;)
		link = &shares->share[*link].next;
	*link = share->next;
	share->key = SHARES_NO_KEY;
	share->next = shares->free;
	shares->free = index;
}

__u32 shares_largest(const struct shares *shares)
{
	for (unsigned int i = SHARES_CLASSES / 64; i--;)
		if (shares->used[i])
			return shares->first[i * 64 + 63 - __builtin_clzll(shares->used[i])];
	return SHARES_NONE;
}
