/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a test frame says who it is: every frame, whatever else is in it, carries its sender, its
 * number and the verdict it asks for in the source address, so that a frame of 14 bytes does too.
 *
 *	byte 6    7    8..10            11
 *	     5a   78   number, big end  sender << 4 | verdict
 */
#ifndef XDPDROP_TESTENV_FRAME_H
#define XDPDROP_TESTENV_FRAME_H

#include <linux/types.h>

#define FRAME_MAGIC_0 0x5a /* unicast, locally administered */
#define FRAME_MAGIC_1 0x78
#define FRAME_HEADER 14
#define FRAME_NUMBERS (1 << 24)
#define FRAME_SENDERS 16

/* The verdict's number is the XDP action; this one asks for a number that is no action. */
#define FRAME_VERDICT_INVALID 5
#define FRAME_VERDICTS 6
#define FRAME_INVALID_ACTION 42

struct frame_id {
	__u32 number;
	__u8 sender;
	__u8 verdict;
};

/* Read the mark of the frame at @bytes, of which FRAME_HEADER can be read; 0 if it has none. */
static inline __attribute__((always_inline)) int frame_read(const __u8 *bytes, struct frame_id *id)
{
	if (bytes[6] != FRAME_MAGIC_0 || bytes[7] != FRAME_MAGIC_1)
		return 0;
	id->number = bytes[8] << 16 | bytes[9] << 8 | bytes[10];
	id->sender = bytes[11] >> 4;
	id->verdict = bytes[11] & 15;
	return 1;
}

static inline __attribute__((always_inline)) void frame_mark(__u8 *bytes, const struct frame_id *id)
{
	bytes[6] = FRAME_MAGIC_0;
	bytes[7] = FRAME_MAGIC_1;
	bytes[8] = id->number >> 16;
	bytes[9] = id->number >> 8;
	bytes[10] = id->number;
	bytes[11] = id->sender << 4 | id->verdict;
}

#endif
