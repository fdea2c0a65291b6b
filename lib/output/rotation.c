// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Periods follow each other without a gap, from the second in which the capture began. One in which
 * nothing was called is skipped.
 */
#include "output/rotation.h"

#include <stdbool.h>

#define SECOND_NS 1000000000ULL

static __u64 rotation_whole_second(__u64 realtime)
{
	return realtime - realtime % SECOND_NS;
}

void rotation_begin(struct rotation *rotation, __u64 realtime)
{
	rotation->start = rotation_whole_second(realtime);
	rotation->ended = 0;
}

static bool rotation_is_over(const struct rotation *rotation, __u64 realtime)
{
	return rotation->period && realtime >= rotation->start + rotation->period;
}

static enum rotation_cut rotation_end_period(struct rotation *rotation, __u64 start)
{
	rotation->ended++;
	if (rotation->periods && rotation->ended >= rotation->periods)
		return ROTATION_END;
	rotation->start = start;
	return ROTATION_PERIOD;
}

static enum rotation_cut rotation_advance(struct rotation *rotation, __u64 realtime)
{
	__u64 since = realtime - rotation->start;

	return rotation_end_period(rotation, realtime - since % rotation->period);
}

/* As with tcpdump(8), the time counts before the size. */
enum rotation_cut rotation_check(struct rotation *rotation, __u64 realtime, __u64 bytes)
{
	if (rotation_is_over(rotation, realtime))
		return rotation_advance(rotation, realtime);
	return rotation->bytes && bytes > rotation->bytes ? ROTATION_FILE : ROTATION_NONE;
}

/* A second of tolerance: small corrections of the clock are not a new period. */
enum rotation_cut rotation_tick(struct rotation *rotation, __u64 realtime)
{
	if (rotation_is_over(rotation, realtime))
		return rotation_advance(rotation, realtime);
	if (rotation->period && realtime + SECOND_NS < rotation->start)
		return rotation_end_period(rotation, rotation_whole_second(realtime));
	return ROTATION_NONE;
}
