// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program of somebody who has only what make install left: makes a session and frees it.
 */
#include <stdio.h>
#include <string.h>

#include <xdpdrop/xdpdrop.h>

#include <xdpdrop/interface.h>
#include <xdpdrop/replay.h>

int main(void)
{
	struct xdpdrop_stats stats = { .size = sizeof(stats) };
	struct xdpdrop *session = NULL;

	if (xdpdrop_new(&session) || !session)
		return 1;
	if (xdpdrop_get_stats(session, &stats) || stats.seen != 0)
		return 1;
	if (xdpdrop_load(session, "none", NULL) >= 0)
		return 1;
	xdpdrop_replay_free(NULL);
	xdpdrop_filter_free(NULL);
	xdpdrop_free(session);
	return puts(xdpdrop_version()) < 0;
}
