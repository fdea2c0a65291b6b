// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The session's side of the socket to the process that creates files. Waits for each answer: until
 * then frames stay in the rings.
 */
#include "api/file_series.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "api/describe.h"
#include "api/file_process.h"
#include "api/session.h"
#include "api/sized.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "process/message.h"
#include "process/privilege.h"

#define SECOND_NS 1000000000ULL
#define WAIT_MS 100
/* After the end of the capture was asked for. */
#define PATIENCE_MS 2000
#define PATIENCE_NS (PATIENCE_MS * 1000000ULL)
/* Of max_bytes, where the caller gives no size of a file. */
#define PARTS 8
/* A file has at least room for the history. */
#define HISTORY_PARTS 2

/* 0; -ETIME: the process does not answer, and the capture is to end. */
static int file_series_await(const struct xdpdrop *session)
{
	struct pollfd answer = { .fd = session->files.process.socket, .events = POLLIN };
	__u64 since = clock_monotonic();

	while (poll(&answer, 1, WAIT_MS) <= 0) {
		if (!__atomic_load_n(&session->broken, __ATOMIC_RELAXED))
			since = clock_monotonic();
		else if (clock_monotonic() - since > PATIENCE_NS)
			return -ETIME;
	}
	return 0;
}

/* Returns 0, or -errno: the process's answer, or -EOWNERDEAD without one. */
static int file_series_ask(struct xdpdrop *session, const struct message *request, int *fd)
{
	struct file_series *files = &session->files;
	struct message answer;
	int err;

	if (message_send(files->process.socket, request, -1))
		return -EOWNERDEAD;
	err = file_series_await(session);
	if (err)
		return err;
	if (message_receive(files->process.socket, &answer, fd) || answer.kind != MESSAGE_FILE)
		return -EOWNERDEAD;
	files->deleted = answer.number;
	strcpy(files->name, answer.text);
	return -(int)answer.index;
}

static int file_series_next(void *data, enum rotation_cut cut, __u64 start)
{
	static const enum message_kind kinds[] = {
		[ROTATION_FILE] = MESSAGE_NEXT_FILE,
		[ROTATION_PERIOD] = MESSAGE_NEXT_PERIOD,
		[ROTATION_EVENT] = MESSAGE_EVENT,
	};
	struct message request = { .kind = kinds[cut], .number = start };
	struct xdpdrop *session = data;
	int fd = -1, err;

	if (cut == ROTATION_EVENT)
		message_set_end(&request, session->recording.event);
	err = file_series_ask(session, &request, &fd);

	if (!err && fd < 0)
		err = -EOWNERDEAD;
	if (!err)
		return fd;
	cleanup_fd(&fd);
	return err;
}

/* On a full disk the oldest file makes room. */
static int file_series_remedy(void *data, int err)
{
	const struct message request = { .kind = MESSAGE_ROOM };
	struct xdpdrop *session = data;
	int fd = -1;

	if ((err != -ENOSPC && err != -EDQUOT) || file_series_ask(session, &request, &fd))
		return err;
	cleanup_fd(&fd);
	if (!session->files.full)
		log_warn(&session->log, "the disk is full; the oldest files are deleted");
	session->files.full = true;
	return 0;
}

static int file_series_end(void *data)
{
	return describe_file_end(data);
}

static bool file_series_is_valid(const struct xdpdrop_files *asked)
{
	if (!asked->name || !*asked->name || strlen(asked->name) >= MESSAGE_TEXT)
		return false;
	/* of a smaller part there is none */
	if (asked->max_bytes && asked->max_bytes < PARTS)
		return false;
	if (asked->history)
		return !asked->bytes && !asked->seconds;
	if (!asked->bytes && !asked->seconds && !asked->max_bytes)
		return false;
	return !asked->max_bytes || asked->bytes <= asked->max_bytes / 2;
}

static int file_series_keep(struct file_series *files, const struct xdpdrop_files *asked)
{
	struct xdpdrop_files known = { 0 };

	if (asked && (sized_read(&known, sizeof(known), asked) || !file_series_is_valid(&known)))
		return -EINVAL;
	known.name = asked ? strdup(known.name) : NULL;
	if (asked && !known.name)
		return -ENOMEM;
	file_series_free(files);
	files->asked = known;
	files->bytes = known.bytes ? known.bytes :
				     known.max_bytes / (known.history ? HISTORY_PARTS : PARTS);
	return 0;
}

int file_series_set(struct xdpdrop *session, const struct xdpdrop_files *asked)
{
	struct sink *sink = &session->sink;
	int err = file_series_keep(&session->files, asked);

	sink->files = (struct sink_files){ 0 };
	sink->out.remedy = NULL;
	if (err || !asked)
		return err;
	asked = &session->files.asked;
	sink->files = (struct sink_files){
		.rotation = { .bytes = session->files.bytes,
			      .period = asked->seconds * SECOND_NS,
			      .periods = asked->bytes ? 0 : asked->count },
		.next = file_series_next,
		.end = file_series_end,
		.data = session,
	};
	sink->out.remedy = asked->max_bytes ? file_series_remedy : NULL;
	sink->out.remedy_data = session;
	return 0;
}

int file_series_start(struct xdpdrop *session)
{
	struct fd_list keep = { 0 };
	int err;

	if (!session->sink.files.next)
		return 0;
	err = child_start(&session->files.process, "xdpdrop-files", privilege_to_create(), &keep,
			  file_process_run, session, &session->log, &session->broken);
	fd_list_free(&keep);
	if (err && err != -EINTR)
		log_error(&session->log, err, "cannot start the process that creates files: %s",
			  strerror(-err));
	return err;
}

int file_series_check(struct xdpdrop *session)
{
	const struct message request = { .kind = MESSAGE_CHECK };
	int fd = -1, err = file_series_ask(session, &request, &fd);

	cleanup_fd(&fd);
	return err;
}

void file_series_stop(struct xdpdrop *session)
{
	const pid_t pid = session->files.process.pid;

	if (!child_wait_for(&session->files.process, PATIENCE_MS))
		log_warn(&session->log,
			 "the process that creates files (pid %d) has not ended: it is stopped, or "
			 "waits for a disk; it ends when it runs again",
			 pid);
}

void file_series_free(struct file_series *files)
{
	free((char *)files->asked.name);
	files->asked.name = NULL;
}

void xdpdrop_next_file(struct xdpdrop *session)
{
	__atomic_store_n(&session->next_file, 1, __ATOMIC_RELAXED);
}

const char *xdpdrop_file_name(const struct xdpdrop *session)
{
	return *session->files.name ? session->files.name : session->files.asked.name;
}
