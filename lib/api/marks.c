// SPDX-License-Identifier: LGPL-2.1-only
/*
 * A table that, when it is full, loses every second mark.
 */
#include "api/marks.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_NS 1000000000ULL

bool marks_are_due(const struct marks *marks, __u64 now)
{
	return !marks->count || now >= marks->mark[marks->count - 1].time + marks->interval;
}

static void marks_free_first(struct marks *marks, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		free(marks->mark[i].counted.rows.row);
	marks->count -= count;
	memmove(marks->mark, marks->mark + count, marks->count * sizeof(marks->mark[0]));
}

static void marks_thin_out(struct marks *marks)
{
	for (unsigned int i = 0; i < MARKS_MOST / 2; i++) {
		free(marks->mark[2 * i + 1].counted.rows.row);
		if (i)
			marks->mark[i] = marks->mark[2 * i];
	}
	marks->count = MARKS_MOST / 2;
	marks->interval *= 2;
}

void marks_add(struct marks *marks, __u64 time, struct counted *counted)
{
	if (!marks->count)
		marks->interval = INTERVAL_NS;
	if (marks->count == MARKS_MOST)
		marks_thin_out(marks);
	marks->mark[marks->count++] = (struct mark){ .time = time, .counted = *counted };
	counted->rows = (struct counted_rows){ 0 };
}

void marks_forget(struct marks *marks, __u64 time)
{
	unsigned int count = 0;

	while (count + 1 < marks->count && marks->mark[count + 1].time <= time)
		count++;
	if (!count)
		return;
	marks_free_first(marks, count);
	if (marks->count < MARKS_MOST / 4 && marks->interval > INTERVAL_NS)
		marks->interval /= 2;
}

void marks_clear(struct marks *marks)
{
	marks_free_first(marks, marks->count);
}
