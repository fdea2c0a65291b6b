/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Which tap? The table of taps in order of preference, and the decision.
 */
#ifndef XDPDROP_TAP_TAP_SELECT_H
#define XDPDROP_TAP_TAP_SELECT_H

#include "tap/tap.h"

/* The tap called @name, NULL: there is none. */
const struct tap *tap_select_find(const char *name);

/*
 * In the following, @asked is the only tap to consider, NULL: all that context->opts allows.
 *
 * The first one that works on context->pipeline goes to *@tap, or tap_exception if only exceptions
 * are to be captured. Otherwise an error that names each tap and why it was refused.
 */
int tap_select_all(const struct tap_context *context, const struct tap *asked,
		   const struct tap **tap);

/* One line per tap, and one with the decision; what tap_select_all() would return. */
int tap_select_explain(const struct tap_context *context, const struct tap *asked,
		       xdpdrop_line_fn fn, void *data);

/* Only the lines per tap. */
void tap_select_describe(const struct tap_context *context, const struct tap *asked,
			 xdpdrop_line_fn fn, void *data);

/* "hook, wrap" or "none": the taps that would work. */
void tap_select_list(const struct tap_context *context, char *text, size_t size);

#endif
