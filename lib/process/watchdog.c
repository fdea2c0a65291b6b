// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Starts the watchdog by posix_spawn(3), so that no code of this process runs between fork and
 * exec. The watchdog closes inherited descriptors before anything else. Keeps a copy of the
 * journal.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "process/child.h"
#include "process/privilege.h"
#include "process/watchdog.h"

#define PROGRAM "xdpdrop-watchdog"
/* Time to start and to end; the watchdog may be stopped. */
#define PATIENCE_MS 10000
#define LOOK_MS 100
/* Time from closing the socket to its end. */
#define REAP_MS 1000
/* Socket buffer for records that the watchdog has not read yet. */
#define ROOM (4 << 20)
#define PATH_SIZE (PATH_MAX + sizeof(PROGRAM) + 1)

extern char **environ;

/*
 * Find the watchdog beside the library, or beside the program into which it is linked, as in the
 * build tree. Not in a directory that anyone may write to, such as /tmp. A user who can replace the
 * library needs no such file.
 */
static bool watchdog_beside(char *path, size_t size)
{
	char directory[PATH_MAX];
	struct stat st;
	Dl_info library, program;
	bool linked_in;

	if (!dladdr((void *)watchdog_keep, &library))
		return false;
	linked_in = dladdr((void *)getauxval(AT_ENTRY), &program) &&
		    program.dli_fbase == library.dli_fbase;
	/* who starts a program chooses its argv[0], which is its dli_fname, and may link to it */
	if (linked_in && getauxval(AT_SECURE))
		return false;
	if (!realpath(linked_in ? "/proc/self/exe" : library.dli_fname, directory))
		return false;
	*strrchr(directory, '/') = '\0';
	snprintf(path, size, "%s/%s", directory, PROGRAM);
	return !stat(directory, &st) && !(st.st_mode & S_IWOTH) && !access(path, X_OK);
}

static void watchdog_find(char *path, size_t size)
{
	const char *named = secure_getenv("XDPDROP_WATCHDOG");

	if (named)
		snprintf(path, size, "%s", named);
	else if (!watchdog_beside(path, size))
		snprintf(path, size, "%s/%s", XDPDROP_LIBEXECDIR, PROGRAM);
}

/* Signals stay blocked until the watchdog ignores them. */
static int watchdog_spawn(const char *path, int socket, pid_t *pid)
{
	char *const argv[] = { PROGRAM, XDPDROP_VERSION, NULL }, *const nothing[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	struct privilege_loan loan;
	sigset_t all;
	int err;

	sigfillset(&all);
	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return -err;
	err = posix_spawnattr_init(&attributes);
	if (err) {
		posix_spawn_file_actions_destroy(&actions);
		return -err;
	}
	err = posix_spawn_file_actions_adddup2(&actions, socket, WATCHDOG_FD);
	err = err ?: posix_spawnattr_setsigmask(&attributes, &all);
	err = err ?: posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	privilege_lend(privilege_to_capture(), &loan);
	/* the dynamic linker would use variables that it ignored in a set-id parent */
	err = err   ?:
		      posix_spawn(pid, path, &actions, &attributes, argv,
				  getauxval(AT_SECURE) ? nothing : environ);
	privilege_take_back(&loan);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

/* Wait for a byte from a ready watchdog, or EOF from a dead one. */
static int watchdog_await(int socket)
{
	const __u64 end = clock_monotonic() + PATIENCE_MS * 1000000ULL;
	struct pollfd ready = { .fd = socket, .events = POLLIN };
	__u64 now = 0;
	int count;
	char byte;

	do
		count = poll(&ready, 1, now ? (end - now) / 1000000 : PATIENCE_MS);
	while (count < 0 && errno == EINTR && (now = clock_monotonic()) < end);
	if (count <= 0)
		return -ETIMEDOUT;
	return read(socket, &byte, 1) == 1 ? 0 : -ECHILD;
}

static void watchdog_make_room(int socket)
{
	const int room = ROOM;

	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

static int watchdog_hand_over(const struct watchdog *watchdog, int socket)
{
	const struct journal *journal = &watchdog->journal;
	int err = 0;

	for (unsigned int i = 0; !err && i < journal->count; i++)
		err = journal_send(socket, journal->entry[i].number, &journal->entry[i].record);
	return err;
}

static int watchdog_start(struct watchdog *watchdog, char *path, size_t size)
{
	CLEANUP_FD int ours = -1, theirs = -1;
	int ends[2], err;
	pid_t pid;

	watchdog_find(path, size);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	ours = ends[0];
	theirs = ends[1];
	watchdog_make_room(ours);
	err = watchdog_spawn(path, theirs, &pid);
	if (err)
		return err;
	cleanup_fd(&theirs);
	err = watchdog_await(ours) ?: watchdog_hand_over(watchdog, ours);
	if (err) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return err;
	}
	watchdog->pid = pid;
	watchdog->socket = take_fd(&ours);
	return 0;
}

/* The watchdog never closes its end of the socket, only its death does. */
static bool watchdog_is_gone(int socket, int timeout_ms)
{
	struct pollfd end = { .fd = socket };

	return poll(&end, 1, timeout_ms) > 0 && end.revents & (POLLHUP | POLLERR);
}

void watchdog_keep(struct watchdog *watchdog, const struct log *log)
{
	char path[PATH_SIZE];
	int err;

	if (watchdog->socket >= 0) {
		if (!watchdog_is_gone(watchdog->socket, 0))
			return;
		log_warn(log, "the watchdog process was killed; starting another");
		watchdog_close(watchdog);
		/* this fails if it is the child of another process */
		waitpid(watchdog->pid, NULL, 0);
		watchdog->pid = 0;
	}
	err = watchdog_start(watchdog, path, sizeof(path));
	if (err && !watchdog->said)
		log_warn(log,
			 "cannot start a watchdog process, %s: %s; if this session is "
			 "killed, its programs have to be cleaned up",
			 path, strerror(-err));
	watchdog->said = err;
}

int watchdog_write(struct watchdog *watchdog, __u32 *number, const struct journal_record *record)
{
	__u32 new = *number ?: watchdog->number + 1;
	int err = journal_put(&watchdog->journal, new, record);

	if (err)
		return err;
	if (watchdog->socket >= 0)
		err = journal_send(watchdog->socket, new, record);
	/* EPIPE, ECONNRESET: it was killed; its successor gets the whole journal */
	if (err && err != -EPIPE && err != -ECONNRESET) {
		if (!*number)
			journal_remove(&watchdog->journal, new);
		return err;
	}
	if (!*number)
		*number = watchdog->number = new;
	return 0;
}

void watchdog_withdraw(struct watchdog *watchdog, __u32 *number)
{
	const struct journal_record withdrawn = { .kind = JOURNAL_WITHDRAWN };

	if (!*number)
		return;
	journal_remove(&watchdog->journal, *number);
	/* a record that the watchdog still has does no harm: each undo checks the state first */
	if (watchdog->socket >= 0)
		journal_send(watchdog->socket, *number, &withdrawn);
	*number = 0;
}

void watchdog_end(struct watchdog *watchdog)
{
	bool gone = watchdog->socket < 0;

	for (unsigned int i = watchdog->journal.count; i-- > 0;) {
		__u32 number = watchdog->journal.entry[i].number;

		if (watchdog->journal.entry[i].record.kind != JOURNAL_WRAPPER)
			watchdog_withdraw(watchdog, &number);
	}
	if (!gone)
		shutdown(watchdog->socket, SHUT_WR);
	/* the watchdog keeps trying, so do not wait */
	if (watchdog->journal.count)
		gone = true;
	for (int waited = 0; !gone && waited < PATIENCE_MS; waited += LOOK_MS) {
		gone = watchdog_is_gone(watchdog->socket, LOOK_MS);
		if (!gone)
			child_continue(watchdog->pid);
	}
	watchdog_close(watchdog);
	if (gone && watchdog->pid)
		waitpid(watchdog->pid, NULL, watchdog->journal.count ? WNOHANG : 0);
	journal_free(&watchdog->journal);
}

void watchdog_close(struct watchdog *watchdog)
{
	cleanup_fd(&watchdog->socket);
}

void watchdog_reap(struct watchdog *watchdog)
{
	for (int waited = 0; watchdog->pid && waited < REAP_MS; waited++) {
		if (waitpid(watchdog->pid, NULL, WNOHANG))
			break;
		usleep(1000);
	}
	journal_free(&watchdog->journal);
}
