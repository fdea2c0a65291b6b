// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The child waits at its socket: a byte dismisses it, the end of the file is the parent's death.
 */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guardian.h"

#define WATCH_MS 1000

static void guard(void *data, int socket)
{
	const struct guardian_duty *duty = data;
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

int guardian_start(struct child *guardian, const struct guardian_duty *duty)
{
	struct child before = *guardian;
	int err = child_start(guardian, "xdpdrop-guard", SOCK_STREAM, guard, (void *)duty);

	if (!err)
		guardian_stop(&before);
	return err;
}

void guardian_stop(struct child *guardian)
{
	if (guardian->pid)
		send(guardian->socket, "", 1, MSG_NOSIGNAL);
	child_wait(guardian);
}
