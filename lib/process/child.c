// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Starts and ends child processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/privilege.h"
#include "process/child.h"
#include "base/cleanup.h"
#include "base/fd_list.h"

/*
 * Signals that a terminal or a service manager sends to the process group are meant for the parent.
 */
static void child_ignore_signals(void)
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

/* Otherwise readers of the parent's output would not see EOF when the parent ends. */
static void child_release_standard_descriptors(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
}

/*
 * If memory is short, the kernel kills the parent first, and the child survives. The value is not
 * -1000 (never): a child that cannot get memory would wait forever. Needs CAP_SYS_RESOURCE.
 */
static void child_be_killed_last(void)
{
	static const char last[] = "-999";
	CLEANUP_FD int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	char inherited[16] = "";

	if (fd < 0 || read(fd, inherited, sizeof(inherited) - 1) <= 0)
		return;
	/* without permission only the small size of the child helps */
	if (atoi(inherited) > atoi(last) && pwrite(fd, last, strlen(last), 0) < 0)
		return;
}

void child_settle(const char *name)
{
	prctl(PR_SET_NAME, name);
	/* it must run in time even if a flood keeps the machine busy */
	setpriority(PRIO_PROCESS, 0, -20);
	child_be_killed_last();
	child_ignore_signals();
	child_release_standard_descriptors();
	privilege_confine();
}

/* In a child: the write end of the pipe on which its parent waits; otherwise -1. */
static int ready_fd = -1;

void child_ready(void)
{
	/* an error means that the parent has died */
	if (ready_fd >= 0 && write(ready_fd, "", 1) < 0)
		return;
	cleanup_fd(&ready_fd);
}

/* Wait for a byte from a ready child, or EOF from a dead one. */
static bool child_await_ready(int fd)
{
	ssize_t size;
	char byte;

	do
		size = read(fd, &byte, 1);
	while (size < 0 && errno == EINTR);
	return size == 1;
}

static void child_run(const char *name, struct fd_list *keep, child_fn fn, void *data, int socket)
{
	fd_list_add(keep, socket);
	fd_list_add(keep, ready_fd);
	if (!fd_list_close_others(keep)) {
		child_settle(name);
		fn(data, socket);
	}
	_exit(0);
}

int child_start(struct child *child, const char *name, struct fd_list *keep, child_fn fn,
		void *data)
{
	CLEANUP_FD int readiness = -1;
	int ends[2], ready[2], err;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	readiness = ready[0];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
		err = -errno;
		close(ready[1]);
		return err;
	}
	pid = fork();
	if (pid == 0) {
		ready_fd = ready[1];
		child_run(name, keep, fn, data, ends[0]);
	}
	err = pid < 0 ? -errno : 0;
	close(ends[0]);
	close(ready[1]);
	if (!err && !child_await_ready(readiness)) {
		waitpid(pid, NULL, 0);
		err = -ECHILD;
	}
	if (err) {
		close(ends[1]);
		return err;
	}
	*child = (struct child){ .pid = pid, .socket = ends[1] };
	return 0;
}

bool child_ended(const struct child *child)
{
	siginfo_t info = { 0 };

	if (!child->pid)
		return false;
	/* ECHILD: if SIGCHLD is ignored, an ended child leaves no zombie */
	if (waitid(P_PID, child->pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return errno == ECHILD;
	return info.si_pid;
}

bool child_stopped(const struct child *child)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, child->pid, &info, WSTOPPED | WNOHANG | WNOWAIT) && info.si_pid;
}

void child_leave(struct child *child)
{
	close(child->socket);
	child->pid = 0;
}

/* Wait for a change of state. If the child was stopped, continue it (if permitted). */
static bool child_has_ended(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) < 0)
		return errno != EINTR;
	if (!WIFSTOPPED(status))
		return true;
	kill(pid, SIGCONT);
	return false;
}

void child_wait(struct child *child)
{
	if (!child->pid)
		return;
	close(child->socket);
	while (!child_has_ended(child->pid))
		;
	child->pid = 0;
}
