/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that end a capture or request its counters.
 */
#ifndef XDPDROP_SIGNALS_H
#define XDPDROP_SIGNALS_H

#include <stdbool.h>

struct xdpdrop;

/*
 * From now on SIGINT, SIGTERM, SIGQUIT and SIGHUP break @session, which must exist until a call
 * with NULL. SIGUSR1 is recorded, SIGPIPE becomes EPIPE, and SIGXFSZ becomes EFBIG.
 */
void signals_install(struct xdpdrop *session);

/* The same signals go to @session instead, or to none if it is NULL. */
void signals_follow(struct xdpdrop *session);

/* From now on SIGHUP begins the next file of the session's series, also if it was ignored. */
void signals_rotate_on_hangup(void);

/* From now on SIGUSR2 has the session write its history. */
void signals_snapshot_on_usr2(void);

/* Has a signal requested the end? */
bool signals_ended(void);

/* Has SIGUSR1 arrived since the last call? */
bool signals_take_usr1(void);

#endif
