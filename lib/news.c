// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The session's side of the socket to its deputy: what it says is taken over, once looked at.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "deputy.h"
#include "notice.h"
#include "session.h"

/* How long a program that has seen the old deadline may still run. */
#define INERT_US 100000
/* What a dead deputy's guardian gets to disarm; it may be stopped, or its lock be held. */
#define GUARDIAN_NS 10000000000ULL
#define HEAR_MS 100

static void take_site(struct xdpdrop *session, const struct notice *notice)
{
	if (notice->site.gone && notice->index < session->sites.count)
		session->sites.site[notice->index].info.gone = true;
	else
		sites_put(&session->sites, notice->index, &notice->site);
}

static void take(struct xdpdrop *session, const struct notice *notice, int *fd)
{
	struct sites *sites = &session->sites;
	bool known = notice->index < sites->count;

	switch (notice->kind) {
	case NOTICE_LOG:
		log_message(&session->log, notice->index, "%s", notice->text);
		break;
	case NOTICE_SITE:
		take_site(session, notice);
		break;
	case NOTICE_REASON:
		if (known)
			reasons_add(&sites->site[notice->index].reasons, notice->number,
				    notice->text);
		break;
	case NOTICE_MISSED:
		if (known)
			sites->site[notice->index].missed = notice->number;
		break;
	case NOTICE_RING:
		if (*fd >= 0 && !kernel_take_ring(&session->kernel, notice->index, *fd))
			*fd = -1;
		session_listen_to_rings(session);
		break;
	}
}

/* Its guardian holds the socket open until it has disarmed; without one the lease must end. */
static int mourn(struct xdpdrop *session)
{
	session->deputy_over = true;
	kernel_disown(&session->kernel);
	usleep(INERT_US);
	return log_error(&session->log, -EOWNERDEAD,
			 "the control process was killed; the capture ends (xdpdrop-loader clean "
			 "removes what may be left)");
}

/* -EAGAIN: there is nothing more now. */
static int hear_one(struct xdpdrop *session)
{
	struct notice notice;
	CLEANUP_FD int fd = -1;
	int err = notice_receive(session->deputy.socket, &notice, &fd);

	if (err)
		return err == -EAGAIN ? err : mourn(session);
	if (notice.kind != NOTICE_END) {
		take(session, &notice, &fd);
		return 0;
	}
	session->deputy_over = true;
	return -(int)notice.index;
}

/* The deputy is dead, and its guardian, which holds the socket open, does not get done. */
static bool guardian_hangs(struct xdpdrop *session)
{
	if (!child_ended(&session->deputy))
		return false;
	if (!session->deputy_ended)
		session->deputy_ended = clock_monotonic();
	return clock_monotonic() - session->deputy_ended > GUARDIAN_NS;
}

int deputy_hear(struct xdpdrop *session)
{
	int err = 0;

	while (!err && !session->deputy_over)
		err = hear_one(session);
	if (err != -EAGAIN)
		return err;
	return guardian_hangs(session) ? mourn(session) : 0;
}

int xdpdrop_delegate(struct xdpdrop *session)
{
	LOG_SCOPE(&session->log);
	int err;

	if (!session->active || session->deputy.pid)
		return -EINVAL;
	err = deputy_start(session);
	err = err ?: session_listen_to(session, session->deputy.socket, EPOLLIN);
	if (err)
		return log_error(&session->log, err, "cannot start a control process: %s",
				 strerror(-err));
	return 0;
}

void deputy_stop(struct xdpdrop *session)
{
	struct pollfd news = { .fd = session->deputy.socket, .events = POLLIN };

	send(session->deputy.socket, "", 1, MSG_NOSIGNAL);
	while (!session->deputy_over) {
		poll(&news, 1, HEAR_MS);
		deputy_hear(session);
	}
	child_wait(&session->deputy);
}
