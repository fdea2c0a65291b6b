/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The option for several threads that read.
 */
#ifndef XDPDROP_THREAD_OPTIONS_H
#define XDPDROP_THREAD_OPTIONS_H

#include "capture/capture_options.h"
#include "common/report.h"

/* Is there nothing that threads with a file each cannot do? 0, or -EINVAL with @error filled. */
int thread_options_check(const struct capture_options *options, struct cmdline_error *error);

/*
 * The number of files with numbers to open, 0: one without. Fewer than @options ask for where there
 * are fewer CPUs, which is reported.
 */
unsigned int thread_options_files(const struct capture_options *options, struct report *report);

#endif
