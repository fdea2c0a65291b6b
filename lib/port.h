/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One interface of a session: what is attached to it, and the tap that captures there.
 */
#ifndef XDPDROP_PORT_H
#define XDPDROP_PORT_H

#include "tap.h"

struct port {
	struct tap_context context;
	const struct tap *tap;
	struct tap_state *state;      /* NULL: not armed */
	struct tap_state *exceptions; /* of tap_exception, beside the tap; NULL: not armed */
	bool untidy;		      /* disarmed, and the guardian may hold what was armed */
};

/* Read interface @ifname. To be closed. Errors: -ENODEV; logged. */
int port_read(struct port *port, const char *ifname);
void port_close(struct port *port);

/* Arm port->tap, which was chosen for what was read, and what goes beside it. Logs errors. */
int port_arm(struct port *port);

/*
 * Read the interface again and follow what has changed. -ENODEV, -ESTALE: nothing is left to
 * capture there; logged.
 */
int port_resync(struct port *port);

/* Forget what port_arm() did, which stays: another process has a copy and will undo it. */
void port_release(struct port *port);

/* Undo port_arm(); nothing if not armed. */
void port_disarm(struct port *port);

/* After port_disarm(), when the guardian knows of it. */
void port_tidy(struct port *port);

#endif
