// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each text is sent with its length before it. The answer is an int, 0 or -errno.
 */
#include "publish/metrics_file.h"
#include "common/write_all.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "xdpdrop-metrics"
/* More is none of ours. */
#define MOST (64U << 20)
/* Time for the last text, on a slow disk. */
#define PATIENCE_MS 5000

/* Where the process writes. */
struct metrics_place {
	int directory;
	char name[NAME_MAX + 1], new[NAME_MAX + 1];
};

static int metrics_open_place(struct metrics_place *place, const char *path)
{
	char directory[PATH_MAX], file[PATH_MAX];

	if (strlen(path) >= sizeof(file))
		return -ENAMETOOLONG;
	strcpy(directory, path);
	strcpy(file, path);
	if (snprintf(place->new, sizeof(place->new), ".%s.new", basename(file)) >=
	    (int)sizeof(place->new))
		return -ENAMETOOLONG;
	snprintf(place->name, sizeof(place->name), "%.*s", (int)strlen(place->new) - 5,
		 place->new + 1);
	place->directory = open(dirname(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return place->directory < 0 ? -errno : 0;
}

/*
 * A reader finds the old file or the new one, and of both all. What has the name of the new one was
 * left by a writer that was killed, or is another user's: a FIFO would stop this process, and a
 * link lead to a file that is not ours.
 */
static int metrics_replace(const struct metrics_place *place, const char *text, size_t length)
{
	int fd, err;

	unlinkat(place->directory, place->new, 0);
	fd = openat(place->directory, place->new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = write_all(fd, text, length);
	if (close(fd) && !err)
		err = -errno;
	if (!err && renameat(place->directory, place->new, place->directory, place->name))
		err = -errno;
	if (err)
		unlinkat(place->directory, place->new, 0);
	return err;
}

static bool metrics_read_all(int fd, void *data, size_t left)
{
	char *at = data;

	while (left) {
		ssize_t got = read(fd, at, left);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		left -= got;
	}
	return true;
}

/* Files of any user's directory, and nothing else. */
static void metrics_limit_privileges(void)
{
	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_DAC_OVERRIDE)) {
		capng_clear(CAPNG_SELECT_CAPS);
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
	} else {
		capng_clear(CAPNG_SELECT_CAPS);
	}
	capng_apply(CAPNG_SELECT_CAPS);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* Until the monitor has closed its socket, or is dead. */
static void metrics_serve(const struct metrics_place *place, int fd)
{
	uint32_t length;

	while (metrics_read_all(fd, &length, sizeof(length)) && length <= MOST) {
		char *text = malloc(length + 1);
		int answer = -ENOMEM;

		if (!text || !metrics_read_all(fd, text, length))
			break;
		answer = metrics_replace(place, text, length);
		free(text);
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
			break;
	}
}

static void metrics_become_process(const struct metrics_place *place, int fd)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, NAME);
	umask(0022);
	metrics_limit_privileges();
	metrics_serve(place, fd);
	_exit(0);
}

int metrics_file_open(struct metrics_file *file, const char *path)
{
	struct metrics_place place;
	int pair[2], err;

	*file = (struct metrics_file){ .fd = -1 };
	err = metrics_open_place(&place, path);
	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		err = -errno;
		close(place.directory);
		return err;
	}
	file->pid = fork();
	err = file->pid < 0 ? -errno : 0;
	if (!file->pid) {
		close(pair[0]);
		metrics_become_process(&place, pair[1]);
	}
	close(place.directory);
	close(pair[1]);
	file->fd = pair[0];
	if (err)
		close(file->fd);
	return err;
}

/* 1: done, 0: there is no room now, or -EOWNERDEAD. */
static int metrics_send(struct metrics_file *file)
{
	while (file->sent < file->length) {
		ssize_t sent = send(file->fd, file->text + file->sent, file->length - file->sent,
				    MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			return 0;
		if (sent < 0 && errno != EINTR)
			return -EOWNERDEAD;
		file->sent += sent < 0 ? 0 : sent;
	}
	return 1;
}

/* 1: nothing is being written any more; otherwise as metrics_send(). */
static int metrics_receive(struct metrics_file *file)
{
	int answer;
	ssize_t got;

	if (!file->text)
		return 1;
	got = metrics_send(file);
	if (got <= 0)
		return got;
	got = recv(file->fd, &answer, sizeof(answer), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got != sizeof(answer))
		return -EOWNERDEAD;
	free(file->text);
	file->text = NULL;
	file->error = answer;
	return 1;
}

/* 1: all is written; otherwise as metrics_send(). */
static int metrics_advance(struct metrics_file *file)
{
	int done = metrics_receive(file);

	if (done <= 0 || !file->next)
		return done;
	file->text = file->next;
	file->length = file->next_length;
	file->sent = 0;
	file->next = NULL;
	return metrics_receive(file);
}

/* The length goes in front, so that both are sent as one. */
static void metrics_set_next(struct metrics_file *file, const char *text, size_t length)
{
	const uint32_t size = length;
	char *next = malloc(sizeof(size) + length);

	if (!next)
		return;
	memcpy(next, &size, sizeof(size));
	memcpy(next + sizeof(size), text, length);
	free(file->next);
	file->next = next;
	file->next_length = sizeof(size) + length;
}

int metrics_file_write(struct metrics_file *file, char *text, size_t length)
{
	int done;

	if (text)
		metrics_set_next(file, text, length);
	free(text);
	done = metrics_advance(file);
	return done < 0 ? done : 0;
}

static int metrics_wait(struct metrics_file *file)
{
	struct pollfd fd = { .fd = file->fd };
	int done;

	while (!(done = metrics_advance(file))) {
		fd.events = POLLIN | (file->sent < file->length ? POLLOUT : 0);
		if (poll(&fd, 1, PATIENCE_MS) == 0)
			return -ETIMEDOUT;
	}
	return done < 0 ? done : file->error;
}

int metrics_file_close(struct metrics_file *file)
{
	int err;

	if (file->fd < 0)
		return 0;
	err = metrics_wait(file);
	close(file->fd);
	file->fd = -1;
	free(file->text);
	free(file->next);
	file->text = file->next = NULL;
	if (err != -ETIMEDOUT)
		while (waitpid(file->pid, NULL, 0) < 0 && errno == EINTR)
			;
	return err;
}
