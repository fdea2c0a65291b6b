/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which known way of copying is the fastest on this machine, for each size of frame.
 */
#ifndef XDPDROP_BENCH_FLOOR_H
#define XDPDROP_BENCH_FLOOR_H

#include "datapath.h"

/* Measure the ways, have @row, which runs, use the fastest from now on, and print which. */
void floor_choose(struct datapath_row *row, const __u32 *sizes);

#endif
