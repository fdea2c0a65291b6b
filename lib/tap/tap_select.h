/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Selects a tap from a table in order of preference.
 */
#ifndef XDPDROP_TAP_TAP_SELECT_H
#define XDPDROP_TAP_TAP_SELECT_H

#include "tap/tap.h"

/* The tap called @name, NULL: there is none. */
const struct tap *tap_select_find(const char *name);

/*
 * In the following, @asked is the only tap to consider; NULL: all taps that context->opts allows.
 *
 * Select the first tap that works on context->pipeline, or tap_exception if only exceptions are to
 * be captured. If none works, log each tap and why it cannot be used.
 */
int tap_select_all(const struct tap_context *context, const struct tap *asked,
		   const struct tap **tap);

/* Write one line per tap, and one with the decision. Returns what tap_select_all() would return. */
int tap_select_explain(const struct tap_context *context, const struct tap *asked,
		       xdpdrop_line_fn fn, void *data);

#define TAP_SELECT_MAX 4

struct tap_answer {
	const struct tap *tap;
	bool works;
	bool chosen;   /* a capture would use it now, maybe together with others */
	char why[512]; /* why it does not work */
};

/* One answer per tap, as data. Logs nothing. Returns their number. */
unsigned int tap_select_answer(const struct tap_context *context, const struct tap *asked,
			       struct tap_answer *answers);

/*
 * Is there a better tap now than @tap, which was selected automatically and is armed on
 * context->pipeline? Then @text is that which has become possible, and what a capture that starts
 * again takes; otherwise it is empty. Logs nothing.
 */
void tap_select_better(const struct tap_context *context, const struct tap *tap, char *text,
		       size_t size);

/* Write only the lines per tap. */
void tap_select_describe(const struct tap_context *context, const struct tap *asked,
			 xdpdrop_line_fn fn, void *data);

/* List the taps that would work: "hook, wrap" or "none". */
void tap_select_list(const struct tap_context *context, char *text, size_t size);

#endif
