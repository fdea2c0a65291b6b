/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame as the baseline at the exit of programs hands it to its reader.
 */
#ifndef XDPDROP_BENCH_EXIT_RECORD_H
#define XDPDROP_BENCH_EXIT_RECORD_H

#include <linux/types.h>

#define EXIT_FRAME_BYTES 1500

struct exit_record {
	__u64 timestamp; /* CLOCK_MONOTONIC, ns */
	__u32 verdict;
	__u16 len;
	__u16 reserved[3];
	__u8 data[EXIT_FRAME_BYTES];
};

#endif
