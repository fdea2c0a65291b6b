// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What a session is told, looked at before anything is created: options, filter, reasons,
 * interfaces.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "options.h"
#include "privilege.h"
#include "session.h"

static int add_port(struct xdpdrop *session, const char *ifname)
{
	struct port *grown, *port;
	int err;

	if (session->port_count == XDPDROP_MAX_PORTS)
		return log_error(&session->log, -EINVAL, "more than %d interfaces in one capture",
				 XDPDROP_MAX_PORTS);
	grown = realloc(session->ports, (session->port_count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	session->ports = grown;
	port = &grown[session->port_count];
	*port = (struct port){ .context = { .log = &session->log,
					    .opts = &session->opts,
					    .kernel = &session->kernel,
					    .sites = &session->sites,
					    .filters = &session->filters } };
	err = port_read(port, ifname);
	if (err)
		return err;
	session->port_count++;
	for (struct port *other = grown; other < port; other++)
		if (other->context.pipeline.ifindex == port->context.pipeline.ifindex)
			return log_error(&session->log, -EINVAL, "interface %s is named twice",
					 ifname);
	return 0;
}

void session_forget_ports(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->port_count; i++)
		port_close(&session->ports[i]);
	session->port_count = 0;
}

/* A comma is allowed in an interface's name, too. */
static int add_ports(struct xdpdrop *session, const char *ifnames)
{
	CLEANUP_FREE char *copy = strdup(ifnames);
	char *rest = copy, *name;
	int err = copy ? 0 : -ENOMEM;

	if (copy && if_nametoindex(ifnames))
		return add_port(session, ifnames);
	while (!err && (name = strsep(&rest, ",")))
		err = add_port(session, name);
	return err;
}

/* Now, as whoever looks after hooks that come later may not be allowed to open it any more. */
static int read_reasons(struct xdpdrop *session)
{
	reasons_free(&session->sites.named);
	if (!session->opts.reasons)
		return 0;
	return reasons_read_file(&session->sites.named, session->opts.reasons, &session->log);
}

int session_prepare(struct xdpdrop *session, const char *ifnames, const struct xdpdrop_opts *opts)
{
	int err;

	if (session->used)
		return log_error(&session->log, -EINVAL, "this capture has been used already");
	session_forget_ports(session); /* of an attempt before this one */
	options_free(&session->opts);
	err = options_complete(&session->opts, opts, &session->log);
	err = err ?: privilege_check(session->opts.hook_pin != NULL, opts != NULL, &session->log);
	err = err ?: kernel_check_limits(&session->log);
	err = err   ?:
		      filters_compile(&session->filters, session->opts.filter,
				      !session->opts.no_optimize, &session->log);
	err = err ?: read_reasons(session);
	return err ?: add_ports(session, ifnames);
}
