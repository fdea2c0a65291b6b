// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What a session's guardian does: keeps the lease while the capture lives, also when that is
 * stopped or waits for a slow reader, and disarms when it has died.
 */
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "grace.h"
#include "guardian.h"
#include "session.h"

static void begin(void *data)
{
	struct xdpdrop *session = data;

	session->log = (struct log){ 0 };
	session_let_go(session);
	/* they would make us look as large as the capture to a kernel that is short of memory */
	rings_free(&session->kernel.rings);
}

static void watch(void *data)
{
	struct xdpdrop *session = data;

	kernel_extend_lease(&session->kernel);
}

/* Our copy of its memory says what the session had armed when we were started. */
static void end(void *data)
{
	struct xdpdrop *session = data;

	kernel_disown(&session->kernel);
	for (unsigned int i = 0; i < session->port_count; i++)
		port_disarm(&session->ports[i]);
	session_clean(session);
	/* a parent that has a parent: that one reads the rings to their end */
	grace_wait();
}

static void tidy(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->port_count; i++)
		port_tidy(&session->ports[i]);
}

/*
 * The guardian has a copy of our memory: what was armed since needs a new one. Until that stands,
 * or should it be a port half armed, the old one finds by search what is in the kernel.
 */
void session_guard(struct xdpdrop *session)
{
	const struct guardian_duty duty = {
		.begin = begin, .watch = watch, .end = end, .data = session
	};
	bool lost = child_lost(&session->guardian);
	int err;

	if (!lost && session->guardian.pid && session->guarded == session->sites.generation)
		return;
	if (lost)
		log_warn(&session->log, "the guardian process was killed; starting another");
	session->guarded = session->sites.generation;
	err = guardian_start(&session->guardian, &duty);
	tidy(session);
	if (err && !session->unguarded)
		log_warn(&session->log,
			 "cannot start a guardian process: %s; if this capture is "
			 "killed, run xdpdrop-loader clean",
			 strerror(-err));
	session->unguarded = err;
}

void session_let_go(struct xdpdrop *session)
{
	if (session->delivery.writer && session->delivery.out.fd > STDERR_FILENO)
		close(session->delivery.out.fd);
	cleanup_fd(&session->epoll_fd);
	cleanup_fd(&session->break_fd);
	cleanup_fd(&session->watch_fd);
	session->delivery.out.fd = session->epoll_fd = -1;
	session->break_fd = session->watch_fd = -1;
}

void session_unguard(struct xdpdrop *session)
{
	guardian_stop(&session->guardian);
	tidy(session);
}
