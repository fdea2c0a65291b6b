/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is the name of the output file a filter whose user has forgotten the file? With tcpdump, the
 * file is an option.
 */
#ifndef XDPDROP_LOADER_FILE_NAME_H
#define XDPDROP_LOADER_FILE_NAME_H

#include "capture/capture_options.h"
#include "common/report.h"

/* 0, maybe with a warning; -EINVAL: it is one, and that was reported. Uses @session's log. */
int file_name_check(struct xdpdrop *session, const struct capture_options *options,
		    struct report *report);

#endif
