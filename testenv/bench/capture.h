/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One capture of a flood into a file: by the tool, by another, by baseline (a), or by nobody.
 */
#ifndef XDPDROP_BENCH_CAPTURE_H
#define XDPDROP_BENCH_CAPTURE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "flood.h"

enum capture_by { BY_NOBODY, BY_TOOL, BY_XDPDUMP, BY_FIXED };

struct capture {
	const char *name;
	enum capture_by by;
	const char *program; /* of bench.bpf.c */
	const char *at_exit; /* BY_FIXED: the one at its exit that hands frames over, or NULL */
	const char *tap;     /* BY_TOOL */
	const char *format;  /* of a tool's file */
	bool disk;
	bool quick;   /* measured with --quick, too */
	bool search;  /* look for the highest rate without loss */
	bool reasons; /* the program gives one with each drop */
	bool over;    /* over an old file on tmpfs, whose memory is there already */
};

struct capture_totals {
	double offered; /* frames that the flood sent */
	double dropped; /* frames that the program dropped */
	double written; /* frames in the file */
	double lost;	/* frames that found no room */
	double bytes;	/* of the file */
	double cpu_ns;	/* that the reader used */
	double took;	/* seconds that the flood took */
};

/* Make the veth pair; once. */
void capture_setup(void);

/* Frames of @size bytes that fit the space which a file of this capture may take. */
long capture_most_frames(const struct capture *capture, long size);

/*
 * Capture @flood, whose ifname is set here. false, with the reason in @why: not possible.
 */
bool capture_run(const struct capture *capture, struct flood *flood, struct capture_totals *totals,
		 char *why, size_t size);

#endif
