/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A clock that nobody sets: for intervals and patience.
 */
#ifndef XDPDROP_LOADER_STEADY_H
#define XDPDROP_LOADER_STEADY_H

#include <linux/types.h>

__u64 steady_ns(void);
__u64 steady_ms(void);

#endif
