// SPDX-License-Identifier: GPL-2.0-only
/*
 * Median and minimum: what other load on the machine moves least.
 */
#include "samples.h"

#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *samples, double value)
{
	if (samples->count < MAX_SAMPLES)
		samples->value[samples->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double samples_median(const struct samples *samples)
{
	double sorted[MAX_SAMPLES];
	int count = samples->count;

	if (!count)
		return 0;
	memcpy(sorted, samples->value, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

double samples_min(const struct samples *samples)
{
	double least = samples->count ? samples->value[0] : 0;

	for (int i = 1; i < samples->count; i++)
		if (samples->value[i] < least)
			least = samples->value[i];
	return least;
}
