// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What a session's watchdog does: keeps the lease while the capture lives, also when that is
 * stopped or waits for a slow reader, and disarms when it has died.
 */
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/rcu_wait.h"
#include "process/watchdog.h"
#include "api/session.h"

static void guard_begin(void *data)
{
	struct xdpdrop *session = data;

	session->log = (struct log){ 0 };
	session_let_go(session);
	/* they would make us look as large as the capture to a kernel that is short of memory */
	rings_free(&session->rings);
}

static void guard_watch(void *data)
{
	struct xdpdrop *session = data;

	capture_maps_extend_lease(&session->maps);
}

/* Our copy of its memory says what the session had armed when we were started. */
static void guard_end(void *data)
{
	struct xdpdrop *session = data;

	capture_maps_disown(&session->maps);
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_disarm(&session->ifaces[i]);
	session_clean(session);
	/* a parent that has a parent: that one reads the rings to their end */
	rcu_wait();
}

static void guard_tidy(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_tidy(&session->ifaces[i]);
}

/*
 * The watchdog has a copy of our memory: what was armed since needs a new one. Until that stands,
 * or should it be a interface half armed, the old one finds by search what is in the kernel.
 */
void session_guard(struct xdpdrop *session)
{
	const struct watchdog_duty duty = {
		.begin = guard_begin, .watch = guard_watch, .end = guard_end, .data = session
	};
	bool lost = child_lost(&session->watchdog);
	int err;

	if (!lost && session->watchdog.pid && session->guarded == session->points.generation)
		return;
	if (lost)
		log_warn(&session->log, "the watchdog process was killed; starting another");
	session->guarded = session->points.generation;
	err = watchdog_start(&session->watchdog, &duty);
	guard_tidy(session);
	if (err && !session->unguarded)
		log_warn(&session->log,
			 "cannot start a watchdog process: %s; if this capture is "
			 "killed, run xdpdrop-loader clean",
			 strerror(-err));
	session->unguarded = err;
}

void session_let_go(struct xdpdrop *session)
{
	if (session->sink.writer && session->sink.out.fd > STDERR_FILENO)
		close(session->sink.out.fd);
	cleanup_fd(&session->epoll_fd);
	cleanup_fd(&session->break_fd);
	cleanup_fd(&session->monitor_fd);
	session->sink.out.fd = session->epoll_fd = -1;
	session->break_fd = session->monitor_fd = -1;
}

void session_unguard(struct xdpdrop *session)
{
	watchdog_stop(&session->watchdog);
	guard_tidy(session);
}
