/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What one thread needs to run frames: its CPU's state, and room for results. Several runners may
 * share a run.
 */
#ifndef XDPDROP_REPLAY_RUNNER_H
#define XDPDROP_REPLAY_RUNNER_H

#include <linux/bpf.h>

#include "replay/run.h"

struct runner {
	struct run *run;
	bool first;				  /* of the thread that opened the run */
	const volatile struct xdpdrop_note *note; /* of its CPU */
	__u64 frames;
	char *out; /* room for the frame as the program leaves it, or NULL */
	struct xdp_md md;
	union bpf_attr call; /* BPF_PROG_TEST_RUN */
};

/*
 * Prepare the calling thread, which runs on @cpu. @modified: return the bytes that the program
 * leaves. @runner is to be closed in any case. Errors are logged.
 */
int runner_open(struct runner *runner, struct run *run, __u32 cpu, bool modified);
void runner_close(struct runner *runner);

/* As xdpdrop_replay_run(), without names. */
int runner_frame(struct runner *runner, const struct xdpdrop_replay_frame *frame,
		 struct xdpdrop_replay_result *result);

/* As xdpdrop_replay_time(). */
int runner_repeat(struct runner *runner, const struct xdpdrop_replay_frame *frame, __u32 repeat,
		  __u32 *ns);

#endif
