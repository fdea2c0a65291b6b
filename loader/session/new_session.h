/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A session whose messages and hints go where those of a tool go.
 */
#ifndef XDPDROP_LOADER_NEW_SESSION_H
#define XDPDROP_LOADER_NEW_SESSION_H

#include "common/report.h"

/*
 * Create *@session in the network namespace @netns; NULL: the caller's. If that is what fails,
 * *@session is set all the same. Returns 0 or -errno, as xdpdrop_new() and xdpdrop_set_netns().
 */
int new_session(struct xdpdrop **session, const char *netns, unsigned int verbose,
		struct report *report);

/*
 * Create *@session in the place of @before, which the caller frees, in its network namespace: the
 * pid that it was found by may be another process's now. Returns as new_session().
 */
int new_session_after(struct xdpdrop **session, const struct xdpdrop *before, unsigned int verbose,
		      struct report *report);

#endif
