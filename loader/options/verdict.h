/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of verdicts, and lists of them as options take them.
 */
#ifndef XDPDROP_VERDICT_H
#define XDPDROP_VERDICT_H

#include <linux/types.h>

#include "options/cmdline.h"

#define VERDICTS 5
#define ALL_VERDICTS ((1U << VERDICTS) - 1)

/* "aborted", "drop", "pass", "tx", "redirect". */
const char *verdict_name(__u32 verdict);

/* Bit n for the name of verdict n, all bits for "all"; 0: it is none of them. */
__u32 verdict_bits(const char *name, size_t length);

/*
 * __u32: the bits of a list of names, separated by commas; entry->max: the bit for "exception", 0:
 * that is no name.
 */
cmdline_parse_fn verdict_list;

#endif
