/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plainest consumer of a BPF ring buffer: copies records out, validates nothing.
 */
#ifndef XDPDROP_BENCH_PLAIN_H
#define XDPDROP_BENCH_PLAIN_H

struct plain_ring {
	volatile unsigned long *consumer;
	const volatile unsigned long *producer;
	const char *data;
};

/* Map a ring buffer of RING_BYTES; ends the bench on failure. */
void plain_open(struct plain_ring *ring, int map_fd);

/* Copy out what is there. */
void plain_drain(struct plain_ring *ring);

#endif
