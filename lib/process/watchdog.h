/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The writer's side of the watchdog: a program of its own that has nothing of this process but the
 * journal that this process writes to it. It keeps the lease, and when the journal's socket ends
 * it undoes what stands there, last first.
 */
#ifndef XDPDROP_PROCESS_WATCHDOG_H
#define XDPDROP_PROCESS_WATCHDOG_H

#include "base/log.h"
#include "process/journal.h"

/* The watchdog's end of the socket. */
#define WATCHDOG_FD 3

struct watchdog {
	int socket; /* -1: none */
	pid_t pid;  /* of the last one, 0: there never was one */
	bool said;  /* that none could be started */
	__u32 number;
	struct journal journal; /* for one that takes the place of one that was killed */
};

#define WATCHDOG_NONE ((struct watchdog){ .socket = -1 })

/*
 * Have one: start it if there is none, or if it was killed, and hand it the journal. A failure is
 * logged and no more: a capture works without.
 */
void watchdog_keep(struct watchdog *watchdog, const struct log *log);

/*
 * Write @record, before it comes true; in place of record *@number, unless that is 0, which is
 * set. 0; -ENOMEM, -EAGAIN: it is not written. Without a watchdog it waits for the next one.
 */
int watchdog_write(struct watchdog *watchdog, __u32 *number, const struct journal_record *record);

/* Withdraw record *@number, unless that is 0, and set it to 0. */
void watchdog_withdraw(struct watchdog *watchdog, __u32 *number);

/*
 * All is undone: end it and wait for that, but not for ever. A wrapper whose record stands could
 * not be undone: then the watchdog goes on trying, and ends by itself.
 */
void watchdog_end(struct watchdog *watchdog);

/* Another process writes from here on. */
void watchdog_close(struct watchdog *watchdog);

/* Wait for the end of one that another process has ended, if it comes at once. */
void watchdog_reap(struct watchdog *watchdog);

#endif
