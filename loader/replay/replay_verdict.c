// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upper case is what a comment has, lower case what a user types.
 */
#include <stdio.h>

#include "replay/replay_verdict.h"

static const char *const words[VERDICTS] = { "ABORTED", "DROP", "PASS", "TX", "REDIRECT" };

struct replay_words replay_verdict_words(const struct xdpdrop_replay_result *result)
{
	const char *verdict = words[replay_verdict(result->action)];
	struct replay_words out;

	if (result->reason_name)
		snprintf(out.text, sizeof(out.text), "%s %s", verdict, result->reason_name);
	else if (result->reason)
		snprintf(out.text, sizeof(out.text), "%s %u", verdict, result->reason);
	else
		snprintf(out.text, sizeof(out.text), "%s", verdict);
	return out;
}
