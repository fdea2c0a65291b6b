/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The caller's struct xdpdrop_opts, checked, completed and kept.
 */
#ifndef XDPDROP_API_OPTIONS_H
#define XDPDROP_API_OPTIONS_H

#include "tap/tap.h"

/*
 * Copy @given (NULL: all defaults), which may be of another library version's size, into
 * @complete, with copies of its strings; the tap that it asks for goes to *@tap instead, NULL: the
 * first that works. @output: where records will go, NULL: not known. Errors: -EINVAL, -ENOMEM;
 * logged.
 */
int options_complete(struct xdpdrop_opts *complete, const struct tap **tap,
		     const struct xdpdrop_opts *given, const struct xdpdrop_output *output,
		     const struct log *log);

void options_free(struct xdpdrop_opts *opts);

#endif
