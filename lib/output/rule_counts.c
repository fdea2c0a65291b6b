// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Open addressing with few probes. Entries are never removed.
 */
#include <stdlib.h>

#include "output/rule_counts.h"

#define PROBES 8

static struct rule_count *rule_counts_find(struct rule_counts *counts, __u32 point, __u32 reason,
					   __u64 rule)
{
	__u64 key = rule * 0x9e3779b97f4a7c15ULL ^ reason * 0xc2b2ae3d27d4eb4fULL ^ point;
	size_t start = key * 0x9e3779b97f4a7c15ULL >> 52;

	for (size_t probe = 0; probe < PROBES; probe++) {
		struct rule_count *count = &counts->count[(start + probe) & (RULE_COUNTS - 1)];

		if (!count->rule) {
			count->rule = rule;
			count->reason = reason;
			count->point = point;
		}
		if (count->rule == rule && count->reason == reason && count->point == point)
			return count;
	}
	return NULL;
}

void rule_counts_add(struct rule_counts *counts, const struct xdpdrop_record *record)
{
	struct rule_count *count =
		rule_counts_find(counts, record->point, record->reason, record->rule);

	if (count) {
		count->frames++;
		count->bytes += record->len;
	} else {
		counts->others++;
		counts->others_bytes += record->len;
	}
}

void rule_counts_merge(struct rule_counts *counts, const struct rule_counts *more)
{
	counts->others += more->others;
	counts->others_bytes += more->others_bytes;
	for (size_t i = 0; i < RULE_COUNTS; i++) {
		const struct rule_count *from = &more->count[i];
		struct rule_count *to;

		if (!from->rule)
			continue;
		to = rule_counts_find(counts, from->point, from->reason, from->rule);
		if (to) {
			to->frames += from->frames;
			to->bytes += from->bytes;
		} else {
			counts->others += from->frames;
			counts->others_bytes += from->bytes;
		}
	}
}

/* Most frames first, then by number, for a stable order. */
static int rule_counts_compare(const void *left, const void *right)
{
	const struct rule_count *a = *(const struct rule_count *const *)left;
	const struct rule_count *b = *(const struct rule_count *const *)right;

	if (a->frames != b->frames)
		return a->frames > b->frames ? -1 : 1;
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

size_t rule_counts_sort(const struct rule_counts *counts, const struct rule_count **sorted)
{
	size_t used = 0;

	for (size_t i = 0; i < RULE_COUNTS; i++)
		if (counts->count[i].rule)
			sorted[used++] = &counts->count[i];
	qsort(sorted, used, sizeof(*sorted), rule_counts_compare);
	return used;
}

_Static_assert(RULE_COUNTS == 1 << 12, "rule_counts_find() takes 12 bits");
