// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts, watches and waits for processes.
 */
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define PATIENCE_MS 60000 /* emulated machines take their time */

/* In the child. @out: -1 for /dev/null. */
static void settle(int cpu, int out, int error)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	bench_use_cpu(cpu);
	dup2(null, STDIN_FILENO);
	dup2(out < 0 ? null : out, STDOUT_FILENO);
	dup2(error, STDERR_FILENO);
}

/* Returns true in the child. */
static bool start(struct process *child, int cpu, int out)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	*child = (struct process){ .pipe = ends[0] };
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0)
		die("fork: %s", strerror(errno));
	if (!child->pid)
		settle(cpu, out, ends[1]);
	close(ends[1]);
	return !child->pid;
}

void process_exec(struct process *child, char *const argv[], int cpu, int out)
{
	if (!start(child, cpu, out))
		return;
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

void process_fork(struct process *child, void (*fn)(void *data), void *data, int cpu)
{
	if (!start(child, cpu, -1))
		return;
	fn(data);
	_exit(0);
}

/* Take what it has to say; false at its end, or when it says nothing. */
static bool listen_to(struct process *child, int timeout_ms)
{
	struct pollfd pollfd = { .fd = child->pipe, .events = POLLIN };
	char bytes[1024];
	ssize_t got, room = sizeof(child->text) - 1 - child->used;

	if (poll(&pollfd, 1, timeout_ms) <= 0)
		return false;
	got = read(child->pipe, bytes, sizeof(bytes));
	if (got <= 0)
		return false;
	if (got > room) {
		/* the end is what matters */
		memmove(child->text, child->text + got, child->used - got);
		child->used -= got;
	}
	memcpy(child->text + child->used, bytes, got);
	child->used += got;
	child->text[child->used] = '\0';
	return true;
}

bool process_said(struct process *child, const char *word)
{
	while (!strstr(child->text, word))
		if (!listen_to(child, PATIENCE_MS))
			return false;
	return true;
}

double process_wait(struct process *child, int *status)
{
	struct rusage usage = { 0 };

	while (listen_to(child, PATIENCE_MS))
		;
	if (wait4(child->pid, status, 0, &usage) < 0)
		die("wait: %s", strerror(errno));
	close(child->pipe);
	child->pid = 0;
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

double process_cpu(const struct process *child)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(child->pid, &clock) || clock_gettime(clock, &time))
		return 0;
	return time.tv_sec * 1e9 + time.tv_nsec;
}

const char *process_last_line(struct process *child)
{
	char *end = child->text + child->used, *line;

	while (end > child->text && end[-1] == '\n')
		*--end = '\0';
	child->used = end - child->text;
	line = strrchr(child->text, '\n');
	return line ? line + 1 : child->text;
}
