/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A lock that serialises changes of hooks and interfaces by all captures on this machine.
 */
#ifndef XDPDROP_PROCESS_LOCK_H
#define XDPDROP_PROCESS_LOCK_H

#include "base/interrupt.h"
#include "base/log.h"

/*
 * Take the lock, and wait for it if necessary; a wait of more than a second is logged. The lock is
 * needed because checking whether a slot is free and filling it are two system calls. Returns a
 * descriptor whose close() releases the lock, also when the process dies. Otherwise -errno, after a
 * warning; a capture continues without the lock where /run is not writable.
 */
int lock_take(const struct log *log);

/* Likewise; -EINTR, without a warning: @interrupt ends the wait. */
int lock_take_unless(const struct interrupt *interrupt, const struct log *log);

/* Take the lock if it is free. -EWOULDBLOCK: it is not free; others: it cannot be opened. */
int lock_try(void);

#endif
