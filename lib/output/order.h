/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Merges many queues of numbers that grow: which of them has the least one at its head? Every
 * change takes logarithmic time. The queues are not known here.
 */
#ifndef XDPDROP_OUTPUT_ORDER_H
#define XDPDROP_OUTPUT_ORDER_H

#include <linux/types.h>

struct order_entry {
	__u64 number; /* at the head */
	__u32 queue;
};

struct order {
	struct order_entry *entry; /* a heap: the least is the first */
	__u32 count;
};

/* @order is zeroed. Room for @most queues, at least 1. Errors: -ENOMEM. */
int order_init(struct order *order, __u32 most);
void order_free(struct order *order);

/* The first @count entries were set: sort them. */
void order_sort(struct order *order, __u32 count);

/* The head of the first queue was taken, and @number is the next one. */
void order_advance(struct order *order, __u64 number);

/* The first queue is empty. */
void order_remove(struct order *order);

#endif
