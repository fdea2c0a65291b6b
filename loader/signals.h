/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals: which of them end a capture, which asks for its counters.
 */
#ifndef XDPDROP_SIGNALS_H
#define XDPDROP_SIGNALS_H

#include <stdbool.h>

struct xdpdrop;

/*
 * From now on SIGINT, SIGTERM, SIGQUIT and SIGHUP break @session, which must outlive the process'
 * other work or be replaced by a call with NULL; SIGUSR1 is noted; SIGPIPE becomes EPIPE, and
 * SIGXFSZ EFBIG.
 */
void signals_install(struct xdpdrop *session);

/* A signal asked for the end. */
bool signals_ended(void);

/* SIGUSR1 came since the last call. */
bool signals_take_usr1(void);

#endif
