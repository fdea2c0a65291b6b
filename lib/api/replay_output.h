/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The output of a session's replays: frames of several interfaces of the input, each with the
 * program that decided about it.
 */
#ifndef XDPDROP_API_REPLAY_OUTPUT_H
#define XDPDROP_API_REPLAY_OUTPUT_H

#include "replay.h"

struct replay_output;

/* Write the file's header. 0, or -errno: the output's. */
int replay_output_begin(struct xdpdrop *session);

/* The comment with reason and rule of @result, or NULL. Valid until the next call. */
const char *replay_output_comment(struct xdpdrop *session,
				  const struct xdpdrop_replay_result *result);

/* Write a frame. 0, or -errno: the output's. */
int replay_output_write(struct xdpdrop *session, const struct xdpdrop_replay_frame *frame,
			const struct xdpdrop_replay_result *result);

void replay_output_free(struct replay_output *output);

#endif
