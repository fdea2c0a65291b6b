// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The deputy's side of the socket: a session without rings, output and caller, whose news go to
 * the one that it was forked from. It has a guardian of its own. A byte, or the end of the file,
 * asks it to stop.
 */
#include "deputy.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "clock.h"
#include "notice.h"
#include "session.h"
#include "watch.h"

#define WATCH_MS 250
#define UNHEARD_NS 100000000ULL

struct deputy {
	struct xdpdrop *session; /* our copy */
	int socket;
	__u64 missed[XDPDROP_MAX_SITES]; /* as told */
};

/* A failure means that nobody listens any more, which ends the loop. */
static void tell(const struct deputy *deputy, const struct notice *notice)
{
	notice_send(deputy->socket, notice, -1);
}

static void tell_log(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct notice notice = { .kind = NOTICE_LOG, .index = level };

	strncpy(notice.text, message, sizeof(notice.text) - 1);
	tell(data, &notice);
}

static void tell_site(void *data, unsigned int index)
{
	const struct deputy *deputy = data;
	const struct site *site = &deputy->session->sites.site[index];
	struct notice notice = { .kind = NOTICE_SITE, .index = index, .site = site->info };

	tell(deputy, &notice);
	for (size_t i = 0; !site->info.gone && i < site->reasons.count; i++) {
		notice = (struct notice){ .kind = NOTICE_REASON,
					  .index = index,
					  .number = site->reasons.reason[i].number };
		strncpy(notice.text, site->reasons.reason[i].name, sizeof(notice.text) - 1);
		tell(deputy, &notice);
	}
}

static void tell_ring(void *data, __u32 cpu, int fd)
{
	const struct notice notice = { .kind = NOTICE_RING, .index = cpu };
	const struct deputy *deputy = data;

	notice_send(deputy->socket, &notice, fd);
}

static void tell_missed(struct deputy *deputy)
{
	const struct sites *sites = &deputy->session->sites;

	for (unsigned int i = 0; i < sites->count; i++) {
		const struct notice notice = { .kind = NOTICE_MISSED,
					       .index = i,
					       .number = sites->site[i].missed };

		if (notice.number == deputy->missed[i])
			continue;
		deputy->missed[i] = notice.number;
		tell(deputy, &notice);
	}
}

/* Become a session that reads nothing and writes nothing. */
static void begin(struct deputy *deputy)
{
	struct xdpdrop *session = deputy->session;

	session_let_go(session);
	rings_free(&session->kernel.rings);
	/* the one that stood behind the parent is the parent's to dismiss */
	close(session->guardian.socket);
	session->guardian = (struct child){ 0 };
	session->watch_fd = watch_open();
	session->log = (struct log){ .fn = tell_log, .data = deputy, .level = session->log.level };
	session->sites.changed = tell_site;
	session->sites.data = deputy;
	session->kernel.ring_made = tell_ring;
	session->kernel.data = deputy;
	session_guard(session);
}

/* Room for what a look at the interfaces may have to tell; not while the output stands still. */
static bool is_heard(const struct deputy *deputy)
{
	struct pollfd news = { .fd = deputy->socket, .events = POLLOUT };

	return poll(&news, 1, 0) > 0;
}

/* Until the parent asks for the end or has died, or nothing is left to capture from: that error. */
static int serve(struct deputy *deputy)
{
	struct xdpdrop *session = deputy->session;
	struct pollfd fds[] = { { .fd = deputy->socket, .events = POLLIN },
				{ .fd = session->watch_fd, .events = POLLIN } };
	int err = 0;

	while (!err) {
		if (poll(fds, 2, WATCH_MS) > 0 && fds[0].revents)
			return 0;
		if (session->watch_fd >= 0 && watch_read(session->watch_fd))
			session->next_resync = 0;
		/* with the lock held we must not wait until somebody listens */
		if (!is_heard(deputy))
			session->next_resync = clock_monotonic() + UNHEARD_NS;
		err = session_maintain(session);
		if (is_heard(deputy))
			tell_missed(deputy);
	}
	return err;
}

static void run(void *data, int socket)
{
	struct deputy deputy = { .session = data, .socket = socket };
	struct notice end = { .kind = NOTICE_END };
	LOG_SCOPE(&deputy.session->log);

	begin(&deputy);
	child_ready();
	end.index = -serve(&deputy);
	session_disarm(deputy.session);
	tell_missed(&deputy);
	tell(&deputy, &end);
}

/* From here on these are the deputy's. */
static void let_go(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->port_count; i++)
		port_release(&session->ports[i]);
	session_unguard(session);
	kernel_relinquish(&session->kernel);
	cleanup_fd(&session->watch_fd);
	session->watch_fd = -1;
}

int deputy_start(struct xdpdrop *session)
{
	int err = child_start(&session->deputy, "xdpdrop-control", SOCK_SEQPACKET, run, session);

	if (!err)
		let_go(session);
	return err;
}
