/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rows of the datapath section: what is compared, and how each is brought to life.
 */
#ifndef XDPDROP_BENCH_DATAPATH_H
#define XDPDROP_BENCH_DATAPATH_H

#include "peer.h"
#include "program.h"
#include "samples.h"
#include "tool.h"

#define DATAPATH_SIZES 5

enum datapath_kind {
	DATAPATH_PLAIN, /* the program, and nobody who reads */
	DATAPATH_HOOK,	/* the program's hook, captured by the tool */
	DATAPATH_ROOT,	/* the program on an interface that the tool captures on */
	DATAPATH_PEER,	/* a baseline with its own reader */
	DATAPATH_EXIT,	/* the same at the exit of the bare program */
};

struct datapath_row {
	const char *name;
	enum datapath_kind kind;
	const char *program;   /* of bench.bpf.c */
	const char *object;    /* other object that it is in */
	const char *hook;      /* the map that is captured at */
	bool tagged;	       /* frames have a tag */
	const char *args[4];   /* the tool's, besides interface and file */
	const char *filter;    /* NULL: none */
	enum peer_kind reader; /* PEER */
	bool emits;	       /* puts a record into a ring per frame */
	bool counts;	       /* the tool is xdpdrop-monitor */
	bool orphan;	       /* stop the tool, so that its lease ends */
	bool per_size;	       /* the program is made for one size of frame */
	__u32 record_bytes;    /* least bytes of a record, 0: the frame's */
	__u32 max_repeat;      /* in one run, 0: by the ring's size */
	bool pieces;	       /* the program takes frames that are not linear */

	bool running;
	char why[160];
	struct program programs[DATAPATH_SIZES]; /* all in [0] unless per_size */
	struct program target;			 /* EXIT: the program that is run */
	int fd[DATAPATH_SIZES];			 /* what is run */
	__u32 ifindex;
	struct tool tool;
	struct peer peer;
	__u64 runs, lost;
	struct samples samples[DATAPATH_SIZES];
};

/* The table; its first row is the bare drop that all others are compared with. */
int datapath_rows(struct datapath_row **rows);

/* Sets row->running, or row->why. */
void datapath_start(struct datapath_row *row, const __u32 *sizes);

/* Ends what was started; row->lost is known then. */
void datapath_stop(struct datapath_row *row);

#endif
