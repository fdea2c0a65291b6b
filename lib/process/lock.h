/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One change of hooks and interfaces at a time, over all captures of this machine.
 */
#ifndef XDPDROP_PROCESS_LOCK_H
#define XDPDROP_PROCESS_LOCK_H

#include "base/log.h"

/*
 * Take the lock, and wait for it if need be, which a message says when it takes longer than a
 * second: "look whether a slot is free, then use it" is two steps for the kernel. Returns a
 * descriptor whose close() (also by the process's death) releases it, or -errno after a warning; a
 * capture goes on without it where /run cannot be written.
 */
int lock_take(const struct log *log);

/* Take it if it is free. -EWOULDBLOCK: it is not; others: there is none to take. */
int lock_try(void);

#endif
