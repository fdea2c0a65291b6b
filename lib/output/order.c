// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A binary heap.
 */
#include "output/order.h"

#include <errno.h>
#include <stdlib.h>

int order_init(struct order *order, __u32 most)
{
	order->entry = calloc(most, sizeof(*order->entry));
	return order->entry ? 0 : -ENOMEM;
}

void order_free(struct order *order)
{
	free(order->entry);
	*order = (struct order){ 0 };
}

/* The entry at @at may be greater than those below it. */
static void order_sink(struct order *order, __u32 at)
{
	const struct order_entry moved = order->entry[at];
	struct order_entry *entry = order->entry;
	__u32 below;

	for (; (below = 2 * at + 1) < order->count; at = below) {
		if (below + 1 < order->count && entry[below + 1].number < entry[below].number)
			below++;
		if (moved.number < entry[below].number)
			break;
		entry[at] = entry[below];
	}
	entry[at] = moved;
}

void order_sort(struct order *order, __u32 count)
{
	order->count = count;
	for (__u32 i = count / 2; i--;)
		order_sink(order, i);
}

void order_advance(struct order *order, __u64 number)
{
	order->entry[0].number = number;
	order_sink(order, 0);
}

void order_remove(struct order *order)
{
	order->entry[0] = order->entry[--order->count];
	if (order->count)
		order_sink(order, 0);
}
