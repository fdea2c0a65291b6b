/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Can tap wrap wrap the program of context->pipeline?
 */
#ifndef XDPDROP_TAP_WRAP_CHECK_H
#define XDPDROP_TAP_WRAP_CHECK_H

#include "tap/tap.h"

/* check() of struct tap. */
int wrap_check(const struct tap_context *context, char *why, size_t size);

#endif
