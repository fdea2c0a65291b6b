/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter of a command line: the words behind its other arguments, or the file of -f, not both.
 */
#ifndef XDPDROP_FILTER_TEXT_H
#define XDPDROP_FILTER_TEXT_H

#include "common/report.h"
#include "options/cmdline.h"

/*
 * Check that there are not both @words, which end with NULL, and @file, which may be NULL. 0, or
 * -EINVAL with @error filled.
 */
int filter_text_check(char *const *words, const char *file, struct cmdline_error *error);

/*
 * Put the filter to *@text, to be freed; NULL: there is none. @words may be NULL. 0; -EINVAL: the
 * file cannot be read; -ENOMEM: no memory; with a message to @report.
 */
int filter_text_take(char *const *words, const char *file, struct report *report, char **text);

#endif
