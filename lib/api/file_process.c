// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The process that creates and deletes files. It has the capabilities for files alone. It takes
 * names from the template that it was started with, not from requests.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "api/file_process.h"
#include "api/session.h"
#include "base/cleanup.h"
#include "files/series.h"
#include "process/message.h"

/* A file is longer than asked for by its last record, and the totals behind it. */
#define MARGIN (128 * 1024)

static int file_process_create(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

static void file_process_set_up(struct series *series, const struct file_series *files)
{
	static struct series_writer writer[POINTS_READERS];
	const struct xdpdrop_files *asked = &files->asked;

	for (unsigned int i = 0; i < files->count; i++)
		writer[i].names = (struct template){
			.text = files->member[i].name,
			.times = asked->seconds,
			.width = asked->bytes ? template_width(asked->count) : 0,
		};
	*series = (struct series){
		.writer = writer,
		.writers = files->count,
		.events = asked->history,
		.ring = asked->bytes ? asked->count : 0,
		.most = asked->history ? asked->count : 0,
		.max_bytes = asked->max_bytes,
		.reserve = files->bytes + MARGIN,
		.create = asked->create ? asked->create : file_process_create,
	};
}

static void file_process_answer(int socket, const struct series *series, unsigned int writer,
				int fd, int err)
{
	struct message answer = { .kind = MESSAGE_FILE, .index = -err, .number = series->deleted };

	message_set_end(&answer, series->writer[writer].current);
	message_send(socket, &answer, fd);
}

static void file_process_serve(int socket, struct series *series, const struct message *request)
{
	const unsigned int writer = request->index;
	CLEANUP_FD int fd = -1;
	int err = -EINVAL;

	switch (request->kind) {
	case MESSAGE_NEXT_PERIOD:
		err = fd = series_begin_period(series, writer, request->number);
		break;
	case MESSAGE_NEXT_FILE:
		err = fd = series_next(series, writer);
		break;
	case MESSAGE_EVENT:
		err = fd = series_event(series, request->number, request->text);
		break;
	case MESSAGE_CHECK:
		err = series_check(series);
		break;
	case MESSAGE_BEGUN:
		series_begun(series);
		err = 0;
		break;
	case MESSAGE_ROOM:
		err = series_free_space(series);
		break;
	}
	file_process_answer(socket, series, writer, fd, err < 0 ? err : 0);
}

void file_process_run(void *data, int socket)
{
	struct pollfd requests = { .fd = socket, .events = POLLIN };
	const struct xdpdrop *session = data;
	struct message request;
	struct series series;
	int fd, err = 0;

	file_process_set_up(&series, &session->files);
	if (series_begin(&series))
		return;
	child_ready();
	while (!err || err == -EAGAIN) {
		poll(&requests, 1, -1);
		err = message_receive(socket, &request, &fd);
		if (err)
			continue;
		cleanup_fd(&fd);
		/* from a process with fewer privileges */
		if (request.index >= series.writers)
			break;
		file_process_serve(socket, &series, &request);
	}
	series_free(&series);
}
