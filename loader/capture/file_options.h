/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of -C, -G, -W and --max-bytes go with each other, and with which files.
 */
#ifndef XDPDROP_LOADER_FILE_OPTIONS_H
#define XDPDROP_LOADER_FILE_OPTIONS_H

#include "capture/capture_options.h"

/*
 * Check the options of a series of files. If there is one, its name is that of the file. 0, or
 * -EINVAL with @error filled.
 */
int file_options_check(struct capture_options *options, struct cmdline_error *error);

#endif
