// SPDX-License-Identifier: LGPL-2.1-only
#include "base/fork_call.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared by both processes. */
struct answer {
	bool complete;
	int err;
	char data[];
};

/* Die with the parent, so that our copies of its sockets do not delay EOF for their peers. */
static void fork_call_give(struct answer *answer, fork_call_fn fn, void *data, size_t size,
			   pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	prctl(PR_SET_NAME, "xdpdrop-libxdp");
	answer->err = fn(data);
	memcpy(answer->data, data, size);
	answer->complete = true;
	_exit(0);
}

static int fork_call_take(const struct answer *answer, void *data, size_t size)
{
	if (!answer->complete)
		return -ECANCELED;
	if (!answer->err)
		memcpy(data, answer->data, size);
	return answer->err;
}

/* Wait for a change of its state. */
static bool fork_has_ended(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) < 0)
		return errno != EINTR;
	if (!WIFSTOPPED(status))
		return true;
	kill(pid, SIGCONT);
	return false;
}

void fork_wait(pid_t pid)
{
	while (!fork_has_ended(pid))
		;
}

int fork_call(fork_call_fn fn, void *data, size_t size)
{
	const size_t shared = sizeof(struct answer) + size;
	struct answer *answer =
		mmap(NULL, shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid(), pid;
	int err;

	if (answer == MAP_FAILED)
		return fn(data);
	pid = fork();
	if (pid == 0)
		fork_call_give(answer, fn, data, size, parent);
	if (pid > 0)
		fork_wait(pid);
	err = pid < 0 ? fn(data) : fork_call_take(answer, data, size);
	munmap(answer, shared);
	return err;
}
