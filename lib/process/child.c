// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Starts and ends child processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
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
#include "base/fork_call.h"

/* How often a child is looked at that is not ready, and after how long it is worth a message. */
#define LOOK_MS 100
#define PATIENCE_MS 2000

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

void child_settle(const char *name, __u64 capabilities)
{
	prctl(PR_SET_NAME, name);
	/* it must run in time even if a flood keeps the machine busy */
	setpriority(PRIO_PROCESS, 0, -20);
	child_be_killed_last();
	child_ignore_signals();
	child_release_standard_descriptors();
	privilege_confine(capabilities);
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

/* The state of a process as in proc(5), or 0. */
static char child_state(pid_t pid)
{
	char path[32], stat[64] = "";
	CLEANUP_FD int fd = -1;
	const char *name_end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, stat, sizeof(stat) - 1) <= 0)
		return 0;
	name_end = strrchr(stat, ')');
	return name_end && name_end[1] == ' ' ? name_end[2] : 0;
}

/* A child has stopped since the last look; only the state of others is known. */
static bool child_needs_continue(pid_t pid)
{
	siginfo_t info = { 0 };
	char state;

	if (!waitid(P_PID, pid, &info, WSTOPPED | WNOHANG))
		return info.si_pid;
	state = child_state(pid);
	return state == 'T' || !state;
}

void child_continue(pid_t pid)
{
	if (child_needs_continue(pid))
		kill(pid, SIGCONT);
}

/*
 * A byte comes from a child that is ready, the end of the file from one that has died. Either wakes
 * us: the looks are for one that is stopped, and for *@broken.
 */
static int child_await_ready(pid_t pid, int fd, const char *name, const struct log *log,
			     const int *broken)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char byte;

	for (int waited = 0; !__atomic_load_n(broken, __ATOMIC_RELAXED); waited += LOOK_MS) {
		if (poll(&ready, 1, LOOK_MS) > 0)
			return read(fd, &byte, 1) == 1 ? 0 : -ECHILD;
		child_continue(pid);
		if (waited == PATIENCE_MS)
			log_warn(log, "waiting for process %d, %s, which is not ready yet", pid,
				 name);
	}
	return -EINTR;
}

static void child_run(const char *name, __u64 capabilities, struct fd_list *keep, child_fn fn,
		      void *data, int socket)
{
	fd_list_add(keep, socket);
	fd_list_add(keep, ready_fd);
	if (!fd_list_close_others(keep)) {
		child_settle(name, capabilities);
		fn(data, socket);
	}
	_exit(0);
}

int child_start(struct child *child, const char *name, __u64 capabilities, struct fd_list *keep,
		child_fn fn, void *data, const struct log *log, const int *broken)
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
		child_run(name, capabilities, keep, fn, data, ends[0]);
	}
	err = pid < 0 ? -errno : 0;
	close(ends[0]);
	close(ready[1]);
	if (!err)
		err = child_await_ready(pid, readiness, name, log, broken);
	if (err) {
		if (pid > 0) {
			kill(pid, SIGKILL);
			fork_wait(pid);
		}
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

void child_how_ended(const struct child *child, char *text, size_t size)
{
	siginfo_t info = { 0 };

	*text = '\0';
	if (!child->pid || waitid(P_PID, child->pid, &info, WEXITED | WNOHANG | WNOWAIT))
		return;
	if (info.si_pid && info.si_code == CLD_EXITED)
		snprintf(text, size, " (status %d)", info.si_status);
	else if (info.si_pid)
		snprintf(text, size, " (signal %d)", info.si_status);
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

bool child_wait_for(struct child *child, unsigned int ms)
{
	bool ended = !child->pid;

	if (ended)
		return true;
	close(child->socket);
	for (unsigned int waited = 0; !(ended = child_ended(child)) && waited < ms; waited++) {
		if (child_stopped(child))
			kill(child->pid, SIGCONT);
		poll(NULL, 0, 1);
	}
	if (ended)
		fork_wait(child->pid);
	child->pid = 0;
	return ended;
}

void child_wait(struct child *child)
{
	if (!child->pid)
		return;
	close(child->socket);
	fork_wait(child->pid);
	child->pid = 0;
}
