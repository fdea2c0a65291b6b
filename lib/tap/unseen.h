/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Which programs of a pipeline may drop frames that a tap does not show?
 */
#ifndef XDPDROP_TAP_UNSEEN_H
#define XDPDROP_TAP_UNSEEN_H

#include "tap/tap.h"

/* In one line that names them, with why; empty: @tap shows what was asked for. */
void unseen_describe(const struct tap_context *context, const struct tap *tap, char *text,
		     size_t size);

/* The same of a tap that is armed, which may not have taken up a program that has come. */
void unseen_describe_now(const struct tap_context *context, const struct tap *tap, char *text,
			 size_t size);

/* The members of the dispatcher are out of reach, and what helps: a clause for messages. */
void unseen_explain_hidden(const struct tap_context *context, char *why, size_t size);

#endif
