// SPDX-License-Identifier: LGPL-2.1-only
#include "base/action.h"

#include <linux/bpf.h>
#include <stddef.h>

const char *action_name(unsigned int action)
{
	static const char *const names[] = {
		[XDP_ABORTED] = "aborted", [XDP_DROP] = "drop",		[XDP_PASS] = "pass",
		[XDP_TX] = "tx",	   [XDP_REDIRECT] = "redirect",
	};

	return action < sizeof(names) / sizeof(names[0]) ? names[action] : NULL;
}
