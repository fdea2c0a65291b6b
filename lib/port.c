// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Joins pipeline and tap, and notices what happens to the interface itself.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "port.h"

int port_read(struct port *port, const char *ifname)
{
	int err = pipeline_read(&port->context.pipeline, ifname, 0, port->context.log);

	if (err == -ENODEV)
		log_error(port->context.log, err, "there is no interface %s", ifname);
	return err;
}

static int arm(struct port *port)
{
	int err = port->tap->arm(&port->context, &port->state);

	if (err || port->tap == &tap_exception ||
	    !(port->context.opts->actions & XDPDROP_EXCEPTIONS))
		return err;
	return tap_exception.arm(&port->context, &port->exceptions);
}

/* Because of a signal the kernel gives up verifying a program (EAGAIN): they come afterwards. */
int port_arm(struct port *port)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	err = arm(port);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pipeline_close(&port->context.pipeline);
	return err;
}

int port_resync(struct port *port)
{
	struct pipeline *pipeline = &port->context.pipeline;
	const struct log *log = port->context.log;
	char before[IF_NAMESIZE];
	int err;

	memcpy(before, pipeline->ifname, sizeof(before));
	err = pipeline_read(pipeline, NULL, pipeline->ifindex, log);
	if (err == -ENODEV)
		return log_error(log, err, "interface %s has gone; its capture ends", before);
	/* another failure may pass; what is armed stays armed */
	if (err)
		return 0;
	if (strcmp(before, pipeline->ifname) != 0)
		log_warn(log, "interface %s is now called %s", before, pipeline->ifname);
	err = port->tap->resync(&port->context, port->state);
	pipeline_close(pipeline);
	return err;
}

void port_close(struct port *port)
{
	pipeline_close(&port->context.pipeline);
}

void port_release(struct port *port)
{
	if (port->exceptions)
		tap_exception.release(port->exceptions);
	if (port->state)
		port->tap->release(port->state);
	port->exceptions = port->state = NULL;
}

void port_disarm(struct port *port)
{
	if (port->exceptions)
		tap_exception.disarm(&port->context, port->exceptions);
	port->exceptions = NULL;
	if (!port->state)
		return;
	port->tap->disarm(&port->context, port->state);
	port->state = NULL;
	port->untidy = true;
}

void port_tidy(struct port *port)
{
	if (port->untidy && port->tap->tidy)
		port->tap->tidy(port->context.log);
	port->untidy = false;
}
