// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The child waits at its socket: a byte dismisses it, the end of the file is the parent's death.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/watchdog.h"

#define WATCH_MS 1000

static void watchdog_guard(void *data, int socket)
{
	const struct watchdog_duty *duty = data;
	struct pollfd parent = { .fd = socket, .events = POLLIN };
	ssize_t received = -1;
	char byte;

	duty->begin(duty->data);
	child_ready();
	while (received < 0) {
		duty->watch(duty->data);
		if (poll(&parent, 1, WATCH_MS) > 0)
			received = read(socket, &byte, 1);
	}
	if (received == 0)
		duty->end(duty->data);
}

int watchdog_start(struct child *watchdog, const struct watchdog_duty *duty)
{
	struct child before = *watchdog;
	int err = child_start(watchdog, "xdpdrop-guard", SOCK_STREAM, watchdog_guard, (void *)duty);

	if (!err)
		watchdog_stop(&before);
	return err;
}

void watchdog_stop(struct child *watchdog)
{
	if (watchdog->pid)
		send(watchdog->socket, "", 1, MSG_NOSIGNAL);
	child_wait(watchdog);
}
