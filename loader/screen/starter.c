// SPDX-License-Identifier: GPL-2.0-only
/*
 * The side of the parent. Only read(), write() and poll() are called once it has no privileges.
 */
#include "screen/starter.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/text.h"
#include "screen/starter_child.h"

int starter_open(struct starter *starter, const struct starter_config *config)
{
	int pair[2];

	*starter = (struct starter){ .fd = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	starter->pid = fork();
	if (!starter->pid) {
		close(pair[0]);
		starter_child_run(pair[1], config);
	}
	close(pair[1]);
	if (starter->pid < 0) {
		close(pair[0]);
		return -errno;
	}
	starter->fd = pair[0];
	return 0;
}

static int starter_send(const struct starter *starter, const struct starter_order *order)
{
	ssize_t sent = write(starter->fd, order, sizeof(*order));

	return sent < 0 ? -errno : 0;
}

static bool starter_is_same(const struct starter_request *a, const struct starter_request *b)
{
	return a->any_reason == b->any_reason && a->exceptions == b->exceptions &&
	       a->number == b->number && !strcmp(a->ifname, b->ifname) &&
	       !strcmp(a->program, b->program);
}

static struct starter_capture *starter_find(const struct starter *starter,
					    const struct starter_request *request)
{
	for (int i = 0; i < STARTER_CAPTURES; i++)
		if (starter->capture[i].id &&
		    starter_is_same(&starter->capture[i].request, request))
			return (struct starter_capture *)&starter->capture[i];
	return NULL;
}

bool starter_is_running(const struct starter *starter, const struct starter_request *request)
{
	return starter_find(starter, request);
}

static struct starter_capture *starter_with_id(struct starter *starter, __u32 id)
{
	for (int i = 0; i < STARTER_CAPTURES; i++)
		if (starter->capture[i].id == id)
			return &starter->capture[i];
	return NULL;
}

int starter_toggle(struct starter *starter, const struct starter_request *request)
{
	struct starter_capture *capture = starter_find(starter, request);
	struct starter_order order = { .request = *request };
	int err;

	if (starter->fd < 0)
		return -EPIPE;
	if (capture) {
		order.command = STARTER_END;
		order.id = capture->id;
		return starter_send(starter, &order);
	}
	capture = starter_with_id(starter, 0);
	if (!capture)
		return -EBUSY;
	order.command = STARTER_BEGIN;
	order.id = starter->last + 1;
	err = starter_send(starter, &order);
	if (err)
		return err;
	*capture = (struct starter_capture){ .id = ++starter->last, .request = *request };
	return 0;
}

static void starter_take(struct starter *starter, struct starter_event *event,
			 struct report *report)
{
	struct starter_capture *capture = event->id ? starter_with_id(starter, event->id) : NULL;

	event->text[sizeof(event->text) - 1] = '\0';
	report_message(report, event->failed ? XDPDROP_LOG_WARN : XDPDROP_LOG_INFO, "%s",
		       text_clean(event->text));
	if (capture && event->ended)
		capture->id = 0;
}

/* Returns false when the child has ended. @wait: for the next event. */
static bool starter_read(struct starter *starter, struct report *report, bool wait)
{
	struct pollfd fd = { .fd = starter->fd, .events = POLLIN };
	struct starter_event event;
	int ready;

	while ((ready = poll(&fd, 1, wait ? -1 : 0)) != 0) {
		/* a signal: read() could wait */
		if (ready < 0 && wait)
			continue;
		if (ready < 0)
			break;
		if (read(starter->fd, &event, sizeof(event)) != sizeof(event))
			return false;
		starter_take(starter, &event, report);
	}
	return true;
}

void starter_tick(struct starter *starter, struct report *report)
{
	if (starter->fd < 0 || starter_read(starter, report, false))
		return;
	report_message(report, XDPDROP_LOG_WARN, "the process that starts captures has ended");
	close(starter->fd);
	starter->fd = -1;
	memset(starter->capture, 0, sizeof(starter->capture));
}

void starter_close(struct starter *starter, struct report *report)
{
	const struct starter_order order = { .command = STARTER_END_ALL };

	if (starter->pid <= 0)
		return;
	if (starter->fd >= 0) {
		if (!starter_send(starter, &order))
			starter_read(starter, report, true);
		close(starter->fd);
		starter->fd = -1;
	}
	while (waitpid(starter->pid, NULL, 0) < 0 && errno == EINTR)
		;
	starter->pid = 0;
}
