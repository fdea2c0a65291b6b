// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The control process keeps the privileges of a capture, while the process that handles bytes has
 * none: it follows the interfaces, extends the lease, writes the journal, and disarms. It is a
 * session without rings, output and caller. Its messages go to the process that forked it. That
 * process can ask it for one thing: a byte, or the end of the file, ends the capture.
 */

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "process/message.h"
#include "process/privilege.h"
#include "api/readers.h"
#include "api/session.h"
#include "xdp/link_monitor.h"
#include "xdp/link_speed.h"

#define WATCH_MS 250
#define NO_ROOM_NS 100000000ULL

/* Socket buffer for messages that are sent while the lock is held, which must not wait. */
#define ROOM (32 << 20)

struct control_process {
	struct xdpdrop *session; /* this process's copy */
	int socket;
	unsigned int left_out;		  /* skipped log messages */
	__u64 missed[XDPDROP_MAX_POINTS]; /* as sent last */
	unsigned int refused;		  /* as sent last */
};

/* Is there room for the messages of one resync? False while the reader is blocked by its output. */
static bool control_has_room(const struct control_process *control)
{
	struct pollfd reader = { .fd = control->socket, .events = POLLOUT };

	return poll(&reader, 1, 0) > 0;
}

/* An error means that the reader is dead, which ends the loop. */
static void control_send(const struct control_process *control, const struct message *message)
{
	message_send(control->socket, message, -1);
}

static void control_send_log(void *data, enum xdpdrop_log_level level, const char *text)
{
	struct message message = { .kind = MESSAGE_LOG, .index = level };
	struct control_process *control = data;

	/* the rest of the buffer is reserved for points and reasons */
	if (!control_has_room(control)) {
		control->left_out++;
		return;
	}
	message_set_end(&message, text);
	control_send(control, &message);
}

static void control_send_point(void *data, unsigned int index)
{
	const struct control_process *control = data;
	const struct point *point = &control->session->points.point[index];
	const struct message message = { .kind = MESSAGE_POINT,
					 .index = index,
					 .number = link_speed(control->session->speed_fd,
							      point->info.ifname),
					 .since = point->since,
					 .point = point->info };

	/* first: the reader never has a point without its names */
	for (size_t i = 0; !point->info.gone && i < point->reasons.count; i++) {
		struct message reason = { .kind = MESSAGE_REASON,
					  .number = point->reasons.reason[i].number };

		strncpy(reason.text, point->reasons.reason[i].name, sizeof(reason.text) - 1);
		control_send(control, &reason);
	}
	control_send(control, &message);
}

static void control_send_device(void *data, __u32 ifindex, const char *name)
{
	struct message message = { .kind = MESSAGE_DEVICE, .number = ifindex };

	strncpy(message.text, name, sizeof(message.text) - 1);
	control_send(data, &message);
}

static int control_send_ring(void *data, __u32 cpu, int fd, size_t size)
{
	const struct message message = { .kind = MESSAGE_RING, .index = cpu };
	const struct control_process *control = data;

	(void)size;
	message_send(control->socket, &message, fd);
	return 0;
}

static void control_send_missed(struct control_process *control)
{
	const struct points *points = &control->session->points;

	for (unsigned int i = 0; i < points->count; i++) {
		const struct message message = { .kind = MESSAGE_MISSED,
						 .index = i,
						 .number = points->point[i].missed };

		if (message.number == control->missed[i])
			continue;
		control->missed[i] = message.number;
		control_send(control, &message);
	}
}

static void control_send_refused(struct control_process *control)
{
	const struct message message = { .kind = MESSAGE_REFUSED,
					 .number = control->session->points.refused };

	if (message.number == control->refused)
		return;
	control->refused = message.number;
	control_send(control, &message);
}

/* Become a session that reads no rings and writes no output. */
static void control_begin(struct control_process *control)
{
	const struct journal_record record = {
		.kind = JOURNAL_CONTROL, .control = { .socket = control->socket, .pid = getpid() }
	};
	struct xdpdrop *session = control->session;
	const int room = ROOM;
	__u32 number = 0;

	if (setsockopt(control->socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(control->socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	/* these descriptors are closed */
	session->sink.out.fd = session->epoll_fd = session->break_fd = session->netns_fd = -1;
	rings_free(&session->rings);
	readers_free_rings(session);
	session->monitor_fd = link_monitor_open();
	session->link_count = 0;
	session_choose_links(session);
	session->log.fn = control_send_log;
	session->log.data = control;
	session->log.refusal = NULL;
	session->points.changed = control_send_point;
	session->points.named_device = control_send_device;
	session->points.data = control;
	session->maps.ring_made = control_send_ring;
	session->maps.data = control;
	watchdog_write(&session->watchdog, &number, &record);
	watchdog_keep(&session->watchdog, &session->log);
}

static int control_timeout(const struct xdpdrop *session)
{
	__u64 now = clock_monotonic(), next = session_due(session);
	__u64 ms = next > now ? (next - now) / 1000000 + 1 : 0;

	return ms < WATCH_MS ? ms : WATCH_MS;
}

/*
 * Run until the parent asks for the end or has died. Returns an error if nothing is left to
 * capture.
 */
static int control_serve(struct control_process *control)
{
	struct xdpdrop *session = control->session;
	struct pollfd fds[] = { { .fd = control->socket, .events = POLLIN },
				{ .fd = session->monitor_fd, .events = POLLIN } };
	int err = 0;

	while (!err) {
		if (poll(fds, 2, control_timeout(session)) > 0 && fds[0].revents)
			return 0;
		if (session->monitor_fd >= 0 && link_monitor_read(session->monitor_fd))
			session_links_changed(session);
		/* do not take the lock while the reader reads no messages */
		if (!control_has_room(control))
			session_put_off(session, clock_monotonic() + NO_ROOM_NS);
		err = session_maintain(session);
		if (!control_has_room(control))
			continue;
		control_send_missed(control);
		control_send_refused(control);
		if (control->left_out)
			log_warn(&session->log,
				 "%u messages were skipped while this process did not read them",
				 control->left_out);
		control->left_out = 0;
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
	control_send_missed(&control);
	control_send_refused(&control);
	control_send(&control, &end);
}

/* Close what the control process now holds. */
static void control_hand_over(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_release(&session->ifaces[i]);
	watchdog_close(&session->watchdog);
	capture_maps_close_fds(&session->maps);
	cleanup_fd(&session->monitor_fd);
	session->state = SESSION_DELEGATED;
}

static void control_keep(const struct xdpdrop *session, struct fd_list *keep)
{
	fd_list_add(keep, session->watchdog.socket);
	fd_list_add(keep, session->speed_fd);
	capture_maps_keep(&session->maps, keep);
	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_keep(&session->ifaces[i], keep);
}

int control_start(struct xdpdrop *session)
{
	/* number of the first record of the control process, which describes itself */
	__u32 number = session->watchdog.number + 1;
	struct fd_list keep = { 0 };
	int err;

	control_keep(session, &keep);
	err = child_start(&session->control, "xdpdrop-control", privilege_to_capture(), &keep,
			  control_run, session, &session->log, &session->broken);
	fd_list_free(&keep);
	if (err)
		watchdog_withdraw(&session->watchdog, &number);
	else
		control_hand_over(session);
	return err;
}
