/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starts a capture where there is no program yet, or no interface, as soon as there is one.
 */
#ifndef XDPDROP_LOADER_AWAIT_H
#define XDPDROP_LOADER_AWAIT_H

#include "capture_options.h"
#include "notify.h"
#include "report.h"

/*
 * xdpdrop_activate(), which with --wait is repeated as long as interface, program or pin are
 * missing; what is missing is reported. Returns what it does, or -EINTR after a signal.
 */
int await_activate(struct xdpdrop *session, const struct capture_options *options,
		   struct report *report, struct notify *notify);

#endif
