// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The control process's side of the socket: a session without rings, output and caller, whose news
 * go to the one that it was forked from. It has a watchdog of its own. A byte, or the end of the
 * file, asks it to stop.
 */
#include "process/control_process.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "process/message.h"
#include "api/session.h"
#include "xdp/link_monitor.h"

#define WATCH_MS 250
#define UNHEARD_NS 100000000ULL

struct control_process {
	struct xdpdrop *session; /* our copy */
	int socket;
	__u64 missed[XDPDROP_MAX_POINTS]; /* as told */
};

/* A failure means that nobody listens any more, which ends the loop. */
static void control_tell(const struct control_process *control, const struct message *message)
{
	message_send(control->socket, message, -1);
}

static void control_tell_log(void *data, enum xdpdrop_log_level level, const char *text)
{
	struct message message = { .kind = MESSAGE_LOG, .index = level };

	strncpy(message.text, text, sizeof(message.text) - 1);
	control_tell(data, &message);
}

static void control_tell_point(void *data, unsigned int index)
{
	const struct control_process *control = data;
	const struct point *point = &control->session->points.point[index];
	struct message message = { .kind = MESSAGE_POINT, .index = index, .point = point->info };

	control_tell(control, &message);
	for (size_t i = 0; !point->info.gone && i < point->reasons.count; i++) {
		message = (struct message){ .kind = MESSAGE_REASON,
					    .index = index,
					    .number = point->reasons.reason[i].number };
		strncpy(message.text, point->reasons.reason[i].name, sizeof(message.text) - 1);
		control_tell(control, &message);
	}
}

static int control_tell_ring(void *data, __u32 cpu, int fd, size_t size)
{
	const struct message message = { .kind = MESSAGE_RING, .index = cpu };
	const struct control_process *control = data;

	(void)size;
	message_send(control->socket, &message, fd);
	return 0;
}

static void control_tell_missed(struct control_process *control)
{
	const struct points *points = &control->session->points;

	for (unsigned int i = 0; i < points->count; i++) {
		const struct message message = { .kind = MESSAGE_MISSED,
						 .index = i,
						 .number = points->point[i].missed };

		if (message.number == control->missed[i])
			continue;
		control->missed[i] = message.number;
		control_tell(control, &message);
	}
}

/* Become a session that reads nothing and writes nothing. */
static void control_begin(struct control_process *control)
{
	struct xdpdrop *session = control->session;

	session_let_go(session);
	rings_free(&session->rings);
	/* the one that stood behind the parent is the parent's to dismiss */
	close(session->watchdog.socket);
	session->watchdog = (struct child){ 0 };
	session->monitor_fd = link_monitor_open();
	session->log = (struct log){ .fn = control_tell_log,
				     .data = control,
				     .level = session->log.level };
	session->points.changed = control_tell_point;
	session->points.data = control;
	session->maps.ring_made = control_tell_ring;
	session->maps.data = control;
	session_guard(session);
}

/* Room for what a look at the interfaces may have to tell; not while the output stands still. */
static bool control_is_heard(const struct control_process *control)
{
	struct pollfd news = { .fd = control->socket, .events = POLLOUT };

	return poll(&news, 1, 0) > 0;
}

/* Until the parent asks for the end or has died, or nothing is left to capture from: that error. */
static int control_serve(struct control_process *control)
{
	struct xdpdrop *session = control->session;
	struct pollfd fds[] = { { .fd = control->socket, .events = POLLIN },
				{ .fd = session->monitor_fd, .events = POLLIN } };
	int err = 0;

	while (!err) {
		if (poll(fds, 2, WATCH_MS) > 0 && fds[0].revents)
			return 0;
		if (session->monitor_fd >= 0 && link_monitor_read(session->monitor_fd))
			session->next_resync = 0;
		/* with the lock held we must not wait until somebody listens */
		if (!control_is_heard(control))
			session->next_resync = clock_monotonic() + UNHEARD_NS;
		err = session_maintain(session);
		if (control_is_heard(control))
			control_tell_missed(control);
	}
	return err;
}

static void control_run(void *data, int socket)
{
	struct control_process control = { .session = data, .socket = socket };
	struct message end = { .kind = MESSAGE_END };
	LOG_SCOPE(&control.session->log);

	control_begin(&control);
	child_ready();
	end.index = -control_serve(&control);
	session_disarm(control.session);
	control_tell_missed(&control);
	control_tell(&control, &end);
}

/* From here on these are the control process's. */
static void control_let_go(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_release(&session->ifaces[i]);
	session_unguard(session);
	capture_maps_relinquish(&session->maps);
	cleanup_fd(&session->monitor_fd);
	session->monitor_fd = -1;
}

int control_start(struct xdpdrop *session)
{
	int err = child_start(&session->control, "xdpdrop-control", SOCK_SEQPACKET, control_run,
			      session);

	if (!err)
		control_let_go(session);
	return err;
}
