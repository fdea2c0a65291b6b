/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flood of live frames into a veth, by testenv/xdp/flood.
 */
#ifndef XDPDROP_BENCH_FLOOD_H
#define XDPDROP_BENCH_FLOOD_H

struct flood {
	const char *ifname; /* the end that sends */
	long size;	    /* bytes of a frame */
	long frames;	    /* at most */
	long seconds;	    /* at most */
	long rate;	    /* frames per second, 0: as many as possible */
	double sent;
	double took; /* seconds */
};

/* Run it on the work CPU; sets the last two. Ends the bench when it fails. */
void flood_run(struct flood *flood);

#endif
