/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Which tap? The table of taps in order of preference, and the decision.
 */
#ifndef XDPDROP_CHOOSE_H
#define XDPDROP_CHOOSE_H

#include "tap.h"

/* Is @name a tap, or "auto"? */
bool choose_known(const char *name);

/*
 * The first tap that context->opts allows and that would work on context->pipeline goes to
 * *@tap. Otherwise an error that says what was tried and why each was refused.
 */
int choose_tap(const struct tap_context *context, const struct tap **tap);

/* Likewise, of the taps and the exceptions that context->opts asks for. */
int choose_all(const struct tap_context *context, const struct tap **tap);

/* One line per tap, and one with the decision; what choose_tap() would return. */
int choose_explain(const struct tap_context *context, xdpdrop_line_fn fn, void *data);

/* Only the lines per tap. */
void choose_describe(const struct tap_context *context, xdpdrop_line_fn fn, void *data);

/* "hook, wrap" or "none": the taps that would work. */
void choose_list(const struct tap_context *context, char *text, size_t size);

#endif
