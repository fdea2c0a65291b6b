/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The watchdog, seen from the process that writes the journal. The watchdog is a separate program,
 * to which a capture process writes the journal. It extends the lease. When the journal's socket is
 * closed, it undoes the records in reverse order.
 */
#ifndef XDPDROP_PROCESS_WATCHDOG_H
#define XDPDROP_PROCESS_WATCHDOG_H

#include "base/log.h"
#include "process/journal.h"

/* The watchdog's end of the socket. */
#define WATCHDOG_FD 3

struct watchdog {
	int socket; /* -1: none */
	pid_t pid;  /* pid of the last watchdog, 0: there was none */
	bool said;  /* the error that none could be started was logged */
	__u32 number;
	struct journal journal; /* for a watchdog that replaces a killed one */
};

#define WATCHDOG_NONE ((struct watchdog){ .socket = -1 })

/*
 * Start a watchdog if there is none or it was killed, and send it the journal. An error is only
 * logged: a capture works without a watchdog.
 */
void watchdog_keep(struct watchdog *watchdog, const struct log *log);

/*
 * Write @record before the change that it describes. If *@number is not 0, replace that record;
 * otherwise set *@number. 0; -ENOMEM, -EAGAIN: it was not written. Without a watchdog the record is
 * kept for the next one.
 */
int watchdog_write(struct watchdog *watchdog, __u32 *number, const struct journal_record *record);

/* Withdraw record *@number, unless it is 0, and set *@number to 0. */
void watchdog_withdraw(struct watchdog *watchdog, __u32 *number);

/*
 * Everything was undone: end the watchdog and wait for its end for a limited time. If the record of
 * a wrapper remains, the watchdog keeps trying to undo it, and ends by itself.
 */
void watchdog_end(struct watchdog *watchdog);

/* From here on another process writes the journal. */
void watchdog_close(struct watchdog *watchdog);

/* Wait briefly for the end of a watchdog that another process has ended. */
void watchdog_reap(struct watchdog *watchdog);

#endif
