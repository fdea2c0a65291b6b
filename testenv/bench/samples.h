/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The values that one thing had in several rounds.
 */
#ifndef XDPDROP_BENCH_SAMPLES_H
#define XDPDROP_BENCH_SAMPLES_H

#define MAX_SAMPLES 64

struct samples {
	double value[MAX_SAMPLES];
	int count;
};

/* What does not fit is left out. */
void samples_add(struct samples *samples, double value);

/* 0 when there are none. */
double samples_median(const struct samples *samples);
double samples_min(const struct samples *samples);

#endif
