// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The child waits at a socket: a byte dismisses it, the end of the file is the parent's death.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "guardian.h"

#define WATCH_MS 1000

/* What a terminal or a service manager sends to the whole group is for the parent. */
static void ignore_signals(void)
{
	static const int signals[] = { SIGHUP,	SIGINT,	 SIGQUIT, SIGTERM, SIGPIPE,
				       SIGUSR1, SIGUSR2, SIGTSTP, SIGALRM };
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* So that readers of the parent's output see its end with the parent's. */
static void release_standard_descriptors(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

static _Noreturn void guard(int socket, const struct guardian_duty *duty)
{
	struct pollfd parent = { .fd = socket, .events = POLLIN };
	ssize_t received = -1;
	char byte;

	prctl(PR_SET_NAME, "xdpdrop-guard");
	/* its moment must come in time, also on a machine that a flood keeps busy */
	setpriority(PRIO_PROCESS, 0, -20);
	ignore_signals();
	release_standard_descriptors();
	duty->begin(duty->data);
	while (received < 0) {
		duty->watch(duty->data);
		if (poll(&parent, 1, WATCH_MS) > 0)
			received = read(socket, &byte, 1);
	}
	if (received == 0)
		duty->end(duty->data);
	_exit(0);
}

int guardian_start(struct guardian *guardian, const struct guardian_duty *duty)
{
	struct guardian before = *guardian;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		guard(ends[0], duty);
	}
	close(ends[0]);
	if (pid < 0) {
		close(ends[1]);
		return -errno;
	}
	*guardian = (struct guardian){ .pid = pid, .socket = ends[1] };
	guardian_stop(&before);
	return 0;
}

bool guardian_lost(struct guardian *guardian)
{
	if (!guardian->pid || !waitpid(guardian->pid, NULL, WNOHANG))
		return false;
	close(guardian->socket);
	guardian->pid = 0;
	return true;
}

void guardian_stop(struct guardian *guardian)
{
	if (!guardian->pid)
		return;
	send(guardian->socket, "", 1, MSG_NOSIGNAL);
	close(guardian->socket);
	while (waitpid(guardian->pid, NULL, 0) < 0 && errno == EINTR)
		;
	guardian->pid = 0;
}
