/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the bench tells its programs before they are loaded; all there is in their .rodata.
 */
#ifndef XDPDROP_BENCH_CONSTANTS_H
#define XDPDROP_BENCH_CONSTANTS_H

#include <linux/types.h>

#define BENCH_BRANCHES 64

/* How the floor copies a frame. */
enum bench_copy {
	BENCH_COPY_BLOCKS, /* loads and stores */
	BENCH_COPY_LOAD_BYTES,
	BENCH_COPY_PROBE_READ,
	BENCH_COPIES
};

struct bench_constants {
	__u32 frame_bytes; /* all frames of this instance; 0: any */
	__u8 in_pieces;	   /* a part of the frame is not linear */
	__u8 counted;	   /* count drops */
	__u8 reason;	   /* that the hook is given, 0: none */
	__u8 copy;	   /* enum bench_copy */
};

#endif
