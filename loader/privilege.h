/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the process may do.
 */
#ifndef XDPDROP_PRIVILEGE_H
#define XDPDROP_PRIVILEGE_H

#include <stdbool.h>

/* True if captures can work: CAP_SYS_ADMIN (programs by id) and CAP_NET_ADMIN are effective. */
bool privilege_suffices(void);

#endif
