/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A checked and completed copy of the caller's struct xdpdrop_opts.
 */
#ifndef XDPDROP_API_OPTIONS_H
#define XDPDROP_API_OPTIONS_H

#include "tap/tap.h"

/*
 * Copy @given (NULL: all defaults), which may have another library version's size, into @complete,
 * with copies of its strings. *@tap becomes the requested tap, NULL: the first that works;
 * complete->tap is not set. @output: where records will go, NULL: unknown. Errors: -EINVAL,
 * -ENOMEM; logged.
 */
int options_complete(struct xdpdrop_opts *complete, const struct tap **tap,
		     const struct xdpdrop_opts *given, const struct xdpdrop_output *output,
		     const struct log *log);

void options_free(struct xdpdrop_opts *opts);

#endif
