/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of a replay: none is written that another part of it reads or writes.
 */
#ifndef XDPDROP_REPLAY_FILES_H
#define XDPDROP_REPLAY_FILES_H

#include "common/report.h"
#include "replay/replay_options.h"

/*
 * @input: descriptor of the frames to read; @output: of the file for frames, not yet truncated, or
 * -1. False: one of the files to be written is in use otherwise; reported.
 */
bool replay_files_check(const struct replay_options *options, int input, int output,
			struct report *report);

#endif
