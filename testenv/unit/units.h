/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of buffer.c share: blocks to write, a clock of their own, the counts.
 * Include after <cmocka.h>.
 */
#ifndef XDPDROP_UNITS_H
#define XDPDROP_UNITS_H

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "output/buffer.h"

#define HEADER 24 /* bytes of the block that is no record */
#define UNIT 100  /* bytes of a record */

static __u64 now, tick;

/* In place of clock.c's: each look at the clock takes a tick. */
__u64 clock_monotonic(void)
{
	return now += tick;
}

static inline int setup(void **state)
{
	static struct buffer out;

	(void)state;
	*state = memset(&out, 0, sizeof(out));
	tick = 1000000;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return buffer_init(&out, -1, 64 * 1024);
}

static inline int teardown(void **state)
{
	buffer_free(*state);
	return 0;
}

/* Record @number: letters that differ from its neighbours'. */
static inline void fill(char *bytes, int number)
{
	for (int i = 0; i < UNIT; i++)
		bytes[i] = 'a' + (number + i) % 23;
}

static inline int add(struct buffer *out, int number)
{
	char *room = buffer_reserve_record(out, UNIT);

	if (!room)
		return out->error;
	fill(room, number);
	buffer_commit(out, UNIT, true);
	return 0;
}

static inline void add_header(struct buffer *out)
{
	memset(buffer_reserve(out, HEADER), 'H', HEADER);
	buffer_commit(out, HEADER, false);
}

static inline void add_all(struct buffer *out, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(add(out, i), 0);
}

static inline void assert_counts(const struct buffer *out, __u64 pending, __u64 written,
				 __u64 failed)
{
	assert_int_equal(out->pending, pending);
	assert_int_equal(out->written, written);
	assert_int_equal(out->failed, failed);
}

#endif
