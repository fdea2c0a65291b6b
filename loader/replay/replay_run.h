/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes frames from the file through the program to counts, rules and output.
 */
#ifndef XDPDROP_REPLAY_RUN_H
#define XDPDROP_REPLAY_RUN_H

#include "common/report.h"
#include "replay/replay_batch.h"
#include "replay/replay_expect.h"

#define REPLAY_KEPT_BYTES 1024

struct replay_run {
	const struct replay_options *options;
	struct report *report;
	struct replay_lane lane; /* of the thread that calls replay_run() */
	struct replay_reader *reader;
	struct replay_count *count;
	struct replay_expect *expect;	    /* NULL: no rules */
	struct xdpdrop_filter *filter;	    /* NULL: none */
	__u32 actions;			    /* to write */
	__u32 reasons[XDPDROP_MAX_REASONS]; /* to write, with reason_count */
	unsigned int reason_count;
	bool writes; /* there is an output */
	bool output; /* the error that ended the run is the output's */
	/* comments of a frame from another run of an XDP program, and its interface's name */
	char kept_text[REPLAY_COMMENTS][REPLAY_KEPT_BYTES];
	const char *kept[REPLAY_COMMENTS + 1];
	char ifname[REPLAY_NAME_BYTES];
};

/*
 * Run all frames, by the calling thread. 0: the file's end; -EINTR: a signal; -EBADMSG or another
 * error of the file, with reader->why; otherwise the error of the program, which the library has
 * reported, or with run->output the output's.
 */
int replay_run(struct replay_run *run);

/* Count frames that were run, test their rules, and write them. 0, or -errno as above. */
int replay_take_batch(struct replay_run *run, struct replay_batch *batch);

#endif
