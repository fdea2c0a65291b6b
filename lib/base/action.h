/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef XDPDROP_BASE_ACTION_H
#define XDPDROP_BASE_ACTION_H

/* Name of an XDP action: "aborted", "drop", "pass", "tx", "redirect". NULL: unknown. */
const char *action_name(unsigned int action);

#endif
