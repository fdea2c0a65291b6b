/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings full of records in ordinary memory, for lib/ring.c to read as often as one likes.
 */
#ifndef XDPDROP_BENCH_FAKERING_H
#define XDPDROP_BENCH_FAKERING_H

#include "record/ring.h"

#define FAKE_RINGS 64
/* The interface of all records. */
#define FAKE_IFINDEX 1

struct fake_rings {
	struct rings rings;
	unsigned long consumer[FAKE_RINGS], producer[FAKE_RINGS];
	long records; /* in all of them */
};

/*
 * Fill @count rings of @bytes in all with records of frames of @frame_bytes. Each ring gets
 * @run consecutive ones before the next.
 */
void fake_rings_fill(struct fake_rings *fake, unsigned int count, size_t bytes,
		     unsigned int frame_bytes, unsigned int run);

/* As if nothing had been read. */
void fake_rings_rewind(struct fake_rings *fake);

void fake_rings_free(struct fake_rings *fake);

#endif
