/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The corpus of frames: every protocol that pcap-filter(7) knows by name over Ethernet, in the
 * encapsulations it knows, with the addresses and ports of expressions.txt, and what breaks them.
 */
#ifndef XDPDROP_TESTENV_FRAMES_H
#define XDPDROP_TESTENV_FRAMES_H

#include <linux/types.h>
#include <stddef.h>

#include "random.h"

#define FRAME_SHORTEST 14 /* XDP sees none below an Ethernet header */
#define FRAME_LONGEST 9000

struct frame {
	__u32 size;
	__u8 bytes[FRAME_LONGEST];
};

/* Number of whole, well-formed frames. */
size_t frames_count(void);

/* Well-formed frame @number, the same each time. */
void frames_build(struct frame *frame, size_t number);

/* Any frame: whole, cut short, with bytes changed, padded, or random bytes; at most @longest. */
void frames_random(struct frame *frame, __u32 longest, struct random *random);

#endif
