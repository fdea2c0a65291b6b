// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The session's side of the socket to its control process. Received values are checked before use.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "bpf/capture_rings.h"
#include "bpf/lease.h"
#include "process/message.h"
#include "api/session.h"

/* Time for programs that have read the old deadline to end. */
#define INERT_US 100000
/*
 * Time for the watchdog of a dead control process to disarm. It may be stopped, or the lock may be
 * held.
 */
#define WATCHDOG_NS 10000000000ULL
#define RECEIVE_MS 100

static void control_client_take_point(struct xdpdrop *session, const struct message *message)
{
	struct points *points = &session->points;

	if (message->point.gone && message->index < points->count) {
		points->point[message->index].info.gone = true;
		points->point[message->index].info.error = message->point.error;
	} else if (points_put(points, message->index, &message->point, message->since) != -EINVAL) {
		points->point[message->index].speed = message->number;
	}
}

static void control_client_take(struct xdpdrop *session, const struct message *message, int *fd)
{
	struct points *points = &session->points;

	switch (message->kind) {
	case MESSAGE_LOG:
		log_message(&session->log, message->index, "%s", message->text);
		break;
	case MESSAGE_POINT:
		control_client_take_point(session, message);
		break;
	case MESSAGE_REASON:
		reasons_add(&points->coming, message->number, message->text);
		break;
	case MESSAGE_MISSED:
		if (message->index < points->count)
			points->point[message->index].missed = message->number;
		break;
	case MESSAGE_DEVICE:
		points_name_device(points, message->number, message->text);
		break;
	case MESSAGE_REFUSED:
		points->refused = message->number;
		break;
	case MESSAGE_RING:
		if (*fd >= 0 && !capture_rings_take(&session->maps, message->index, *fd))
			*fd = -1;
		break;
	}
}

/*
 * The watchdog keeps the socket open until it has disarmed. Without a watchdog the lease must end.
 */
static void control_client_turn_off(struct xdpdrop *session)
{
	session->state = SESSION_DISARMED;
	lease_end(session->maps.control);
	usleep(INERT_US);
}

static int control_client_report_killed(struct xdpdrop *session)
{
	char how[32];

	control_client_turn_off(session);
	child_how_ended(&session->control, how, sizeof(how));
	return log_error(&session->log, -EOWNERDEAD,
			 "the control process was killed%s; this session ends", how);
}

/* -EAGAIN: no more messages now. */
static int control_client_receive_one(struct xdpdrop *session)
{
	struct message message;
	CLEANUP_FD int fd = -1;
	int err = message_receive(session->control.socket, &message, &fd);

	if (err)
		return err == -EAGAIN ? err : control_client_report_killed(session);
	if (message.kind != MESSAGE_END) {
		control_client_take(session, &message, &fd);
		return 0;
	}
	session->state = SESSION_DISARMED;
	return -(int)message.index;
}

/* Is the control process dead, and does its watchdog, which keeps the socket open, not finish? */
static bool control_client_watchdog_hangs(struct xdpdrop *session)
{
	if (!child_ended(&session->control))
		return false;
	if (!session->control_ended)
		session->control_ended = clock_monotonic();
	return clock_monotonic() - session->control_ended > WATCHDOG_NS;
}

int control_receive(struct xdpdrop *session)
{
	int err = 0;

	while (!err && session->state == SESSION_DELEGATED)
		err = control_client_receive_one(session);
	if (err != -EAGAIN)
		return err;
	return control_client_watchdog_hangs(session) ? control_client_report_killed(session) : 0;
}

/*
 * Are the control process and the watchdog, which would continue it, both stopped? Then nothing
 * would end the capture.
 */
static bool control_client_is_held(const struct xdpdrop *session, __u64 *since)
{
	if (!child_stopped(&session->control))
		*since = clock_monotonic();
	return clock_monotonic() - *since > WATCHDOG_NS;
}

void control_stop(struct xdpdrop *session)
{
	struct pollfd news = { .fd = session->control.socket, .events = POLLIN };
	__u64 since = clock_monotonic();

	send(session->control.socket, "", 1, MSG_NOSIGNAL);
	while (session->state == SESSION_DELEGATED) {
		poll(&news, 1, RECEIVE_MS);
		control_receive(session);
		if (session->state != SESSION_DELEGATED || !control_client_is_held(session, &since))
			continue;
		control_client_turn_off(session);
		log_error(&session->log, -ETIMEDOUT,
			  "the control process (pid %d) is stopped: the capture programs are "
			  "turned off, and it removes them when it is continued",
			  session->control.pid);
		child_leave(&session->control);
	}
	child_wait(&session->control);
	watchdog_reap(&session->watchdog);
}
