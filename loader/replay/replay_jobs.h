/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs frames on several CPUs.
 */
#ifndef XDPDROP_REPLAY_JOBS_H
#define XDPDROP_REPLAY_JOBS_H

#include "replay/replay_run.h"

#define REPLAY_JOBS_MAX 64

/* As replay_run(), by @count threads. */
int replay_jobs_run(struct replay_run *run, unsigned int count);

#endif
