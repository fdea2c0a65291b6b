// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The network namespace of a session, in which interfaces have their names and indices. Only the
 * calling thread enters it. Processes forked there stay there: the control process and the
 * watchdog.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "api/session.h"
#include "base/cleanup.h"

int xdpdrop_set_netns(struct xdpdrop *session, const char *netns)
{
	LOG_SCOPE(&session->log);
	int fd;

	if (session->state != SESSION_NEW)
		return -EINVAL;
	cleanup_fd(&session->netns_fd);
	session->all_netns = netns && !strcmp(netns, "all");
	if (!netns || session->all_netns)
		return 0;
	fd = netns_open(netns);
	if (fd == -EINVAL)
		return log_error(&session->log, fd, "%s is not a network namespace", netns);
	if (fd < 0)
		return log_error(&session->log, fd, "cannot open network namespace %s: %s", netns,
				 strerror(-fd));
	session->netns_fd = fd;
	return 0;
}

int xdpdrop_copy_netns(struct xdpdrop *session, const struct xdpdrop *from)
{
	LOG_SCOPE(&session->log);
	int fd = -1;

	if (session->state != SESSION_NEW || from->state == SESSION_DELEGATED)
		return -EINVAL;
	if (from->netns_fd >= 0) {
		fd = fcntl(from->netns_fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return log_error(&session->log, -errno,
					 "cannot keep the network namespace: %s", strerror(errno));
	}
	cleanup_fd(&session->netns_fd);
	session->netns_fd = fd;
	session->all_netns = from->all_netns;
	return 0;
}

int session_visit(struct xdpdrop *session, struct netns_visit *visit)
{
	int err;

	*visit = NETNS_AT_HOME;
	if (session->all_netns)
		return log_error(&session->log, -EINVAL,
				 "all network namespaces can only be listed; name one");
	if (session->netns_fd < 0)
		return 0;
	err = netns_enter(visit, session->netns_fd);
	if (!err)
		return 0;
	return log_error(&session->log, err, "cannot enter the network namespace: %s",
			 strerror(-err));
}

int session_return(struct xdpdrop *session, struct netns_visit *visit, int result)
{
	int err = netns_leave(visit);

	if (!err)
		return result;
	return log_error(&session->log, err,
			 "this thread cannot return to its network namespace: %s", strerror(-err));
}

int session_maintain_there(struct xdpdrop *session)
{
	struct netns_visit visit;
	int err = session_visit(session, &visit) ?: session_maintain(session);

	return session_return(session, &visit, err);
}

int session_disarm_there(struct xdpdrop *session)
{
	struct netns_visit visit;
	int err = session_visit(session, &visit);

	session_disarm(session);
	return session_return(session, &visit, err);
}
