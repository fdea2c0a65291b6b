/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The program that a replay runs, from a file or among those that are loaded.
 */
#ifndef XDPDROP_REPLAY_TARGET_H
#define XDPDROP_REPLAY_TARGET_H

#include "replay.h"
#include "xdp/pipeline.h"

struct bpf_object;

struct target {
	struct bpf_object *object; /* loaded from a file; NULL: the program is live */
	int fd;
	bool frags;		  /* runs for frames in fragments */
	struct pipeline pipeline; /* the program with those that it calls, and their hooks */
};

#define TARGET_NONE ((struct target){ .fd = -1 })

/* Does @opts->program name an interface? */
bool target_is_interface(const struct xdpdrop_replay_opts *opts);

/*
 * Find or load the program of @opts. The target is to be closed in any case. Errors are logged; see
 * xdpdrop_replay_open().
 */
int target_open(struct target *target, const struct xdpdrop_replay_opts *opts,
		const struct log *log);
void target_close(struct target *target);

/*
 * Load the file of @opts, fill its maps, and set target->object and target->fd. -ENOENT without a
 * message: there is no such file.
 */
int target_load(struct target *target, const struct xdpdrop_replay_opts *opts,
		const struct log *log);

#endif
