/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Counts captured frames by capture point, reason and rule, in a table of fixed size. A program may
 * have a rule for each frame, so frames without room in the table are counted together.
 */
#ifndef XDPDROP_OUTPUT_RULE_COUNTS_H
#define XDPDROP_OUTPUT_RULE_COUNTS_H

#include <linux/types.h>

#include <xdpdrop/record.h>

#define RULE_COUNTS 4096 /* a power of two */

struct rule_count {
	__u64 rule; /* 0: the entry is empty */
	__u32 reason, point;
	__u64 frames, bytes;
};

struct rule_counts {
	struct rule_count count[RULE_COUNTS];
	__u64 others, others_bytes; /* frames whose rule has no entry */
};

/* Count a record that has a rule. */
void rule_counts_add(struct rule_counts *counts, const struct xdpdrop_record *record);

/* Add what @more has counted. */
void rule_counts_merge(struct rule_counts *counts, const struct rule_counts *more);

/*
 * Write pointers to the used entries, those with the most frames first, to @sorted, which has room
 * for RULE_COUNTS. Returns their number.
 */
size_t rule_counts_sort(const struct rule_counts *counts, const struct rule_count **sorted);

#endif
