/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Word from the kernel that some interface has changed; not what has.
 */
#ifndef XDPDROP_WATCH_H
#define XDPDROP_WATCH_H

#include <stdbool.h>

/* A descriptor that turns readable when an interface changes; -errno. */
int watch_open(void);

/* Swallow what has come; was there anything? */
bool watch_read(int fd);

#endif
