// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends datagrams, which never wait. Errors are ignored: a manager that does not get a sign of life
 * acts by itself.
 */
#include "session/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TEXT_SIZE 512

/* The length of the address, 0: @path is no name of a socket. */
static socklen_t notify_fill_address(struct sockaddr_un *address, const char *path)
{
	size_t length = strlen(path);

	if ((*path != '/' && *path != '@') || length >= sizeof(address->sun_path))
		return 0;
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, length);
	/* a name that is no file */
	if (*path == '@')
		address->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + length + (*path == '/');
}

/* Half of the time after which the manager would act; 0: it does not watch this process. */
static __u64 notify_read_interval_ms(void)
{
	const char *usec = secure_getenv("WATCHDOG_USEC"), *pid = secure_getenv("WATCHDOG_PID");

	if (!usec || (pid && strtoll(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) / 1000 / 2;
}

void notify_open(struct notify *notify)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t length = path ? notify_fill_address(&address, path) : 0;

	*notify = (struct notify){ .fd = -1 };
	if (!length)
		return;
	notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (notify->fd >= 0 && connect(notify->fd, (struct sockaddr *)&address, length))
		notify_close(notify);
	notify->keep_ms = notify_read_interval_ms();
}

static void notify_send_text(const struct notify *notify, const char *text)
{
	if (notify->fd >= 0 && send(notify->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		errno = 0;
}

void notify_ready(struct notify *notify, const char *state, ...)
{
	char text[TEXT_SIZE] = "READY=1\nSTATUS=";
	size_t used = strlen(text);
	va_list args;

	va_start(args, state);
	vsnprintf(text + used, sizeof(text) - used, state, args);
	va_end(args);
	notify_send_text(notify, notify->ready ? text + strlen("READY=1\n") : text);
	notify->ready = true;
}

void notify_tick(struct notify *notify, __u64 now_ms)
{
	if (!notify->keep_ms || now_ms < notify->next_ms)
		return;
	notify_send_text(notify, "WATCHDOG=1");
	notify->next_ms = now_ms + notify->keep_ms;
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
