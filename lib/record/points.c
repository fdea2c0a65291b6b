// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The table of capture points: only grows while a session lives.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "record/points.h"

static bool points_is_same(const struct xdpdrop_point *a, const struct xdpdrop_point *b)
{
	return a->tap == b->tap && a->ifindex == b->ifindex && a->hook_id == b->hook_id &&
	       a->program_id == b->program_id;
}

static void points_tell(struct points *points, unsigned int index)
{
	if (points->changed)
		points->changed(points->data, index);
}

int points_put(struct points *points, unsigned int index, const struct xdpdrop_point *info)
{
	struct point *point = &points->point[index];

	if (index > points->count || index >= XDPDROP_MAX_POINTS)
		return -EINVAL;
	reasons_free(&point->reasons);
	points->renamed++;
	point->info = *info;
	if (index == points->count)
		points->count++;
	return 0;
}

int points_name_reason(struct points *points, unsigned int index, __u32 reason, const char *name)
{
	points->renamed++;
	return reasons_add(&points->point[index].reasons, reason, name);
}

int points_add(struct points *points, const struct xdpdrop_point *info, struct reasons *reasons)
{
	unsigned int index = 0;

	while (index < points->count && !(points->point[index].info.gone &&
					  points_is_same(&points->point[index].info, info)))
		index++;
	if (points_put(points, index, info)) {
		reasons_free(reasons);
		return -ENOSPC;
	}
	points->point[index].reasons = *reasons;
	*reasons = (struct reasons){ 0 };
	points_tell(points, index);
	return index;
}

void points_close(struct points *points, unsigned int index)
{
	points->point[index].info.gone = true;
	points_tell(points, index);
}

void points_close_interface(struct points *points, __u32 ifindex)
{
	for (unsigned int i = 0; i < points->count; i++)
		if (points->point[i].info.ifindex == ifindex && !points->point[i].info.gone)
			points_close(points, i);
}

void points_name_device(struct points *points, __u32 ifindex, const char *name)
{
	unsigned int at = points->device_count % POINTS_DEVICES;
	const char *known = points_device(points, ifindex);

	if (known && !strcmp(known, name))
		return;
	points->devices[at].ifindex = ifindex;
	snprintf(points->devices[at].name, sizeof(points->devices[at].name), "%s", name);
	points->device_count++;
	if (points->named_device)
		points->named_device(points->data, ifindex, name);
}

const char *points_device(const struct points *points, __u32 ifindex)
{
	unsigned int last = points->device_count;

	for (unsigned int n = 0; n < POINTS_DEVICES && n < points->device_count; n++)
		if (points->devices[--last % POINTS_DEVICES].ifindex == ifindex)
			return points->devices[last % POINTS_DEVICES].name;
	return NULL;
}

void points_free(struct points *points)
{
	for (unsigned int i = 0; i < points->count; i++)
		reasons_free(&points->point[i].reasons);
	reasons_free(&points->named);
	reasons_free(&points->rules);
	memset(points, 0, sizeof(*points));
}
