/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who sends and receives the frames of a capture: top sources, destinations and ports out of
 * sampled frames, of all of them and by reason. Memory is of a fixed size.
 */
#ifndef XDPDROP_TALKERS_H
#define XDPDROP_TALKERS_H

#include <stdbool.h>

#include "count/dissect.h"
#include "count/top.h"

enum talkers_kind { TALKERS_SOURCES, TALKERS_DESTINATIONS, TALKERS_PORTS, TALKERS_KINDS };

/* Of one reason at one capture point. */
struct talkers_reason {
	unsigned int point;
	__u32 reason;
	struct top top[TALKERS_KINDS];
};

struct talkers {
	struct top all[TALKERS_KINDS];
	struct talkers_reason *of; /* the reasons that came first, and one that was asked for */
	unsigned int count;
	__u64 frames; /* sampled frames so far */
};

/* 0 or -ENOMEM. */
int talkers_open(struct talkers *talkers);

/* Count a frame that stands for @weight frames. */
void talkers_add(struct talkers *talkers, unsigned int point, __u32 reason,
		 const struct dissected *frame, __u64 weight);

/*
 * The top of a reason. Where there is no memory for one more reason, it takes that of the one that
 * was asked for before, and counts from now on.
 */
const struct top *talkers_of(struct talkers *talkers, enum talkers_kind kind, unsigned int point,
			     __u32 reason);

struct talkers_name {
	char text[64];
};

/* The key of a top: an address, "udp/53", "icmp", "arp", "ethertype 0x88cc", "unknown". */
struct talkers_name talkers_name(const struct top_entry *entry);

void talkers_close(struct talkers *talkers);

#endif
