// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Owns the table of capture points, and decides which of them a new program takes over.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "record/points.h"

static bool points_is_same(const struct xdpdrop_point *a, const struct xdpdrop_point *b)
{
	return a->ifindex == b->ifindex && !strcmp(a->tap, b->tap) &&
	       !strcmp(a->program, b->program) && !strcmp(a->hook, b->hook);
}

static bool points_has_ids_of(const struct xdpdrop_point *a, const struct xdpdrop_point *b)
{
	return a->hook_id == b->hook_id && a->program_id == b->program_id;
}

static void points_notify(struct points *points, unsigned int index)
{
	if (points->changed)
		points->changed(points->data, index);
}

static void points_free_past(struct point_past *past)
{
	while (past) {
		struct point_past *older = past->older;

		reasons_free(&past->reasons);
		free(past);
		past = older;
	}
}

/* Without memory, records that are still in the rings get the new program's names. */
static int points_keep_past(struct point *point)
{
	struct point_past *past = malloc(sizeof(*past));

	if (!past)
		return -ENOMEM;
	*past = (struct point_past){ .info = point->info,
				     .reasons = point->reasons,
				     .since = point->since,
				     .older = point->past };
	memcpy(past->interface, point->interface, sizeof(past->interface));
	point->reasons = (struct reasons){ 0 };
	point->past = past;
	return 0;
}

int points_put(struct points *points, unsigned int index, const struct xdpdrop_point *info,
	       __u64 since)
{
	struct point *point;
	int err = 0;

	if (index > points->count || index >= XDPDROP_MAX_POINTS) {
		reasons_free(&points->coming);
		return -EINVAL;
	}
	point = &points->point[index];
	if (index == points->count) {
		*point = (struct point){ .programs = 1 };
		points->count++;
	} else if (!points_has_ids_of(&point->info, info)) {
		err = points->changed ? 0 : points_keep_past(point);
		memset(point->interface, 0, sizeof(point->interface));
		point->programs++;
	}
	reasons_free(&point->reasons);
	point->reasons = points->coming;
	points->coming = (struct reasons){ 0 };
	points->renamed++;
	point->info = *info;
	point->since = since;
	return err;
}

/*
 * Returns a closed capture point with the same names, preferably with the same ids; otherwise the
 * next free index.
 */
static unsigned int points_choose(const struct points *points, const struct xdpdrop_point *info)
{
	unsigned int chosen = points->count;

	for (unsigned int i = 0; i < points->count; i++) {
		const struct xdpdrop_point *old = &points->point[i].info;

		if (!old->gone || !points_is_same(old, info))
			continue;
		if (points_has_ids_of(old, info))
			return i;
		if (chosen == points->count)
			chosen = i;
	}
	return chosen;
}

int points_add(struct points *points, const struct xdpdrop_point *info, struct reasons *reasons)
{
	unsigned int index = points_choose(points, info);

	if (reasons) {
		points->coming = *reasons;
		*reasons = (struct reasons){ 0 };
	}
	if (points_put(points, index, info, clock_kernel()) == -EINVAL)
		return -ENOSPC;
	points->added++;
	points_notify(points, index);
	return index;
}

void points_close(struct points *points, unsigned int index)
{
	points->point[index].info.gone = true;
	points_notify(points, index);
}

void points_refuse(struct points *points, unsigned int index, int error)
{
	points->point[index].info.error = error;
	points_close(points, index);
}

void points_count_refused(struct points *points)
{
	points->refused++;
}

void points_close_interface(struct points *points, __u32 ifindex)
{
	for (unsigned int i = 0; i < points->count; i++)
		if (points->point[i].info.ifindex == ifindex && !points->point[i].info.gone)
			points_close(points, i);
}

bool points_has_open(const struct points *points, __u32 ifindex)
{
	for (unsigned int i = 0; i < points->count; i++)
		if (points->point[i].info.ifindex == ifindex && !points->point[i].info.gone)
			return true;
	return false;
}

struct point_use points_sum(const struct point *point)
{
	struct point_use sum = { 0 };

	for (unsigned int i = 0; i < POINTS_READERS; i++) {
		sum.read += point->use[i].read;
		sum.delivered += point->use[i].delivered;
		sum.lost += point->use[i].lost;
	}
	return sum;
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

struct point_view points_view_past(struct point_past *past, __u64 timestamp)
{
	while (past->older && timestamp < past->since)
		past = past->older;
	return (struct point_view){ &past->info, &past->reasons, past->interface };
}

void points_forget(struct points *points, __u64 until)
{
	for (unsigned int i = 0; i < points->count; i++) {
		struct point_past **past = &points->point[i].past;
		__u64 end = points->point[i].since;

		while (*past && end > until) {
			end = (*past)->since;
			past = &(*past)->older;
		}
		points_free_past(*past);
		*past = NULL;
	}
}

void points_free(struct points *points)
{
	for (unsigned int i = 0; i < points->count; i++) {
		reasons_free(&points->point[i].reasons);
		points_free_past(points->point[i].past);
	}
	reasons_free(&points->coming);
	reasons_free(&points->named);
	reasons_free(&points->rules);
	memset(points, 0, sizeof(*points));
}
