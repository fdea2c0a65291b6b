/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A program that is ready to run, with its hooks, and the exits of a dispatcher's members, armed.
 */
#ifndef XDPDROP_REPLAY_RUN_H
#define XDPDROP_REPLAY_RUN_H

#include "replay/place.h"
#include "replay/target.h"
#include "tap/hook_set.h"

struct run {
	const struct log *log;
	struct place *place; /* the session's */
	bool placed;
	struct target target;
	struct tap_context context;
	struct xdpdrop_opts opts;  /* of the context */
	struct filter_set filters; /* none */
	struct hook_set hooks;
	struct tap_state *exits; /* of tap exit; NULL: none */
	bool armed;		 /* there may be notes */
	struct capture_maps maps;
	struct watchdog watchdog;
	unsigned int point; /* of the program */
	__u32 longest;	    /* bytes of a frame without fragments */
	bool with_context;  /* the kernel takes interface and queue */
};

/*
 * Load or find the program, and arm its hooks. @points and @place are the session's. @run is to be
 * closed in any case. Errors are logged; see xdpdrop_replay_open().
 */
int run_open(struct run *run, const struct xdpdrop_replay_opts *opts, struct points *points,
	     struct place *place, const struct log *log);

/* Disarm, unload, and leave the place. */
void run_close(struct run *run);

#endif
