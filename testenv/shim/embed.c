// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program with a capture in it: while that runs, what the program closes is closed, and what it
 * unlocks is free. IFNAME TAP [delegate].
 */
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdpdrop/xdpdrop.h>

#include "../xdp/helper.h"

#define LOCKED "locked"

static void complain(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)data;
	(void)level;
	fprintf(stderr, "embed: %s\n", message);
}

static struct xdpdrop *start(const char *ifname, const char *tap, bool delegate)
{
	const struct xdpdrop_opts opts = { .size = sizeof(opts), .tap = tap, .buffer_kib = 256 };
	const struct xdpdrop_output output = { .size = sizeof(output),
					       .fd = open("/dev/null", O_WRONLY) };
	struct xdpdrop *session;
	int err = xdpdrop_new(&session);

	if (err)
		die("xdpdrop_new: %s", strerror(-err));
	xdpdrop_set_log(session, complain, NULL, XDPDROP_LOG_WARN);
	err = xdpdrop_set_output(session, &output);
	if (!err)
		err = xdpdrop_activate(session, ifname, &opts);
	if (!err && delegate)
		err = xdpdrop_delegate(session);
	if (err)
		die("capture: %s", strerror(-err));
	return session;
}

static int lock(int flags)
{
	int fd = open(LOCKED, O_RDWR | O_CREAT, 0600);

	if (fd < 0 || flock(fd, flags))
		die("%s cannot be locked: %s", LOCKED, strerror(errno));
	return fd;
}

int main(int argc, char **argv)
{
	struct xdpdrop *session;
	int ends[2], locked;
	char byte;

	if (argc < 3)
		die("needs an interface and a tap");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die("socketpair: %s", strerror(errno));
	locked = lock(LOCK_EX);
	session = start(argv[1], argv[2], argc > 3);
	close(ends[0]);
	if (recv(ends[1], &byte, 1, MSG_DONTWAIT) != 0)
		die("the peer of a closed socket waits on");
	close(locked);
	close(lock(LOCK_EX | LOCK_NB));
	if (xdpdrop_poll(session, 0) < 0 || xdpdrop_stop(session))
		die("the capture does not end well");
	xdpdrop_free(session);
	puts("all closed");
	return 0;
}
