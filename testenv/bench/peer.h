/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that drains what a baseline program produces, the way such tools do.
 */
#ifndef XDPDROP_BENCH_PEER_H
#define XDPDROP_BENCH_PEER_H

#include "process.h"
#include "program.h"

enum peer_kind {
	PEER_RING,	 /* libbpf's ring_buffer, on one ring */
	PEER_RINGS,	 /* the same on one ring per CPU */
	PEER_EXIT_RINGS, /* ... with records from the exits of a program */
	PEER_PERF_EACH,	 /* libbpf's perf_buffer, woken at every event */
	PEER_PERF_BATCH, /* ... and at every 64th */
	PEER_PLAIN,	 /* a loop that copies records out of one ring and gives room back late */
	PEER_PLAIN_EACH, /* the same on one ring per CPU */
};

struct peer {
	struct process child;
	enum peer_kind kind;
	const struct program *program;
	int out; /* a pcap file, or -1: only touch the bytes */
};

/* Start it and wait until it is ready; false, with the reason in @why, when it is not. */
bool peer_start(struct peer *peer, char *why, size_t size);

/* End it after what is there has been read; its CPU time since its start, ns. */
double peer_stop(struct peer *peer);

#endif
