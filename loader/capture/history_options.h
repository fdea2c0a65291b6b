/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The options of a flight recorder: what it keeps, and when it writes.
 */
#ifndef XDPDROP_HISTORY_OPTIONS_H
#define XDPDROP_HISTORY_OPTIONS_H

#include <xdpdrop/xdpdrop.h>

#include "options/cmdline.h"

#define HISTORY_TRIGGERS 32

struct history_options {
	struct xdpdrop_history history;
	const char *trigger[HISTORY_TRIGGERS + 1]; /* ends with NULL */
	unsigned int triggers;
	__u64 after_ms, holdoff_ms;
	const char *commands; /* path of a FIFO; NULL: none */
	bool asked;	      /* by --history */
};

/* Nothing is given yet. */
void history_options_init(struct history_options *options);

cmdline_parse_fn history_options_parse_size;	/* struct history_options: of --history */
cmdline_parse_fn history_options_parse_trigger; /* struct history_options: one more */

/* Is there to be a recorder? Each of the options asks for one. */
bool history_options_ask(const struct history_options *options);

/* Complete ->history. @exceptions: are they captured? 0, or -EINVAL with @error filled. */
int history_options_check(struct history_options *options, const struct xdpdrop_files *files,
			  bool exceptions, struct cmdline_error *error);

#endif
