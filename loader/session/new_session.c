// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <xdpdrop/interface.h>

#include "common/hint.h"
#include "session/new_session.h"

static int new_session_create(struct xdpdrop **session, unsigned int verbose, struct report *report)
{
	int err = xdpdrop_new(session);

	if (err)
		return err;
	xdpdrop_set_log(*session, report_log, report, report_level(verbose));
	xdpdrop_set_hints(*session, hint_complete, NULL);
	return 0;
}

int new_session(struct xdpdrop **session, const char *netns, unsigned int verbose,
		struct report *report)
{
	int err = new_session_create(session, verbose, report);

	return !err && netns ? xdpdrop_set_netns(*session, netns) : err;
}

int new_session_after(struct xdpdrop **session, const struct xdpdrop *before, unsigned int verbose,
		      struct report *report)
{
	int err = new_session_create(session, verbose, report);

	return err ? err : xdpdrop_copy_netns(*session, before);
}
