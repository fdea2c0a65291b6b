/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Captured frames by capture point, reason and rule, as far as a table of fixed size goes. Rules
 * may be as many as there are frames: what finds no place is counted as one.
 */
#ifndef XDPDROP_OUTPUT_RULE_COUNTS_H
#define XDPDROP_OUTPUT_RULE_COUNTS_H

#include <linux/types.h>

#include <xdpdrop/record.h>

#define RULE_COUNTS 4096 /* a power of two */

struct rule_count {
	__u64 rule; /* 0: this entry is empty */
	__u32 reason, point;
	__u64 frames, bytes;
};

struct rule_counts {
	struct rule_count count[RULE_COUNTS];
	__u64 others, others_bytes; /* frames with a rule that has no entry */
};

/* Count a record that has a rule. */
void rule_counts_add(struct rule_counts *counts, const struct xdpdrop_record *record);

/*
 * Put pointers to the entries in use, those with the most frames first, into @sorted, which has
 * room for RULE_COUNTS. Returns how many.
 */
size_t rule_counts_sort(const struct rule_counts *counts, const struct rule_count **sorted);

#endif
