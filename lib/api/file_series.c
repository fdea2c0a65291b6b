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
#include "api/readers.h"
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

static int file_series_request(struct xdpdrop *session, const struct message *request,
			       struct message *answer, int *fd)
{
	const int socket = session->files.process.socket;
	int err;

	if (message_send(socket, request, -1))
		return -EOWNERDEAD;
	err = file_series_await(session);
	if (err)
		return err;
	return message_receive(socket, answer, fd) || answer->kind != MESSAGE_FILE ? -EOWNERDEAD :
										     0;
}

/* Returns 0, or -errno: the process's answer, or -EOWNERDEAD without one. */
static int file_series_ask(struct file_member *member, struct message *request, int *fd)
{
	struct file_series *files = &member->session->files;
	struct message answer;
	int err;

	request->index = member->reader;
	pthread_mutex_lock(&files->turn);
	err = files->lost;
	if (!err)
		err = files->lost = file_series_request(member->session, request, &answer, fd);
	if (!err) {
		files->deleted = answer.number;
		strcpy(member->current, answer.text);
		err = -(int)answer.index;
	}
	pthread_mutex_unlock(&files->turn);
	return err;
}

static int file_series_next(void *data, enum rotation_cut cut, __u64 start)
{
	static const enum message_kind kinds[] = {
		[ROTATION_FILE] = MESSAGE_NEXT_FILE,
		[ROTATION_PERIOD] = MESSAGE_NEXT_PERIOD,
		[ROTATION_EVENT] = MESSAGE_EVENT,
	};
	struct message request = { .kind = kinds[cut], .number = start };
	struct file_member *member = data;
	int fd = -1, err;

	if (cut == ROTATION_EVENT)
		message_set_end(&request, member->session->recording.event);
	err = file_series_ask(member, &request, &fd);
	if (!err && fd < 0)
		err = -EOWNERDEAD;
	if (!err)
		return fd;
	cleanup_fd(&fd);
	return err;
}

static void file_series_report_full(struct xdpdrop *session)
{
	pthread_mutex_lock(&session->files.turn);
	if (!session->files.full)
		log_warn(&session->log, "the disk is full; the oldest files are deleted");
	session->files.full = true;
	pthread_mutex_unlock(&session->files.turn);
}

/* On a full disk a file that was replaced, or the oldest one, makes room. */
static int file_series_remedy(void *data, int err)
{
	struct message request = { .kind = MESSAGE_ROOM };
	struct file_member *member = data;
	int fd = -1;

	if ((err != -ENOSPC && err != -EDQUOT) || file_series_ask(member, &request, &fd))
		return err;
	cleanup_fd(&fd);
	file_series_report_full(member->session);
	return 0;
}

static int file_series_end(void *data)
{
	const struct file_member *member = data;

	return describe_file_end(member->session, member->reader);
}

static bool file_series_is_name(const char *name)
{
	return name && *name && strlen(name) < MESSAGE_TEXT;
}

static bool file_series_is_valid(const struct xdpdrop_files *asked, unsigned int threads)
{
	__u64 most = asked->max_bytes / (threads ? threads : 1);

	if (threads && (asked->history || !asked->thread_names || asked->name))
		return false;
	/* of a smaller part there is none */
	if (asked->max_bytes && most < PARTS)
		return false;
	if (asked->history)
		return !asked->bytes && !asked->seconds;
	if (!asked->bytes && !asked->seconds && !asked->max_bytes)
		return false;
	return !asked->max_bytes || asked->bytes <= most / 2;
}

static int file_series_add(struct xdpdrop *session, const char *name)
{
	struct file_series *files = &session->files;
	struct file_member *member = &files->member[files->count];

	if (!file_series_is_name(name))
		return -EINVAL;
	*member = (struct file_member){ .session = session, .reader = files->count };
	member->name = strdup(name);
	if (!member->name)
		return -ENOMEM;
	files->count++;
	return 0;
}

static int file_series_add_all(struct xdpdrop *session, const struct xdpdrop_files *asked,
			       unsigned int threads)
{
	const unsigned int count = threads ? threads : 1;
	int err = 0;

	session->files.member = calloc(count, sizeof(*session->files.member));
	if (!session->files.member)
		return -ENOMEM;
	pthread_mutex_init(&session->files.turn, NULL);
	for (unsigned int i = 0; !err && i < count; i++)
		err = file_series_add(session, threads ? asked->thread_names[i] : asked->name);
	return err;
}

static int file_series_keep(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	const unsigned int threads = output->thread_count;
	struct file_series *files = &session->files;
	struct xdpdrop_files known;
	int err;

	if (sized_read(&known, sizeof(known), output->files) || threads > POINTS_READERS ||
	    !file_series_is_valid(&known, threads))
		return -EINVAL;
	err = file_series_add_all(session, &known, threads);
	if (err)
		return err;
	known.name = NULL;
	known.thread_names = NULL;
	files->asked = known;
	files->bytes = known.bytes ? known.bytes :
				     known.max_bytes / files->count /
					     (known.history ? HISTORY_PARTS : PARTS);
	return 0;
}

static void file_series_attach_one(struct file_member *member, struct sink *sink)
{
	const struct file_series *files = &member->session->files;
	const struct xdpdrop_files *asked = &files->asked;

	sink->files = (struct sink_files){
		.rotation = { .bytes = files->bytes,
			      .period = asked->seconds * SECOND_NS,
			      .periods = asked->bytes ? 0 : asked->count },
		.next = file_series_next,
		.end = file_series_end,
		.data = member,
	};
	sink->out.remedy = file_series_remedy;
	sink->out.remedy_data = member;
}

void file_series_attach(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->files.count; i++)
		file_series_attach_one(&session->files.member[i], readers_sink(session, i));
}

int file_series_set(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	int err = 0;

	file_series_free(&session->files);
	session->sink.files = (struct sink_files){ 0 };
	session->sink.out.remedy = NULL;
	if (output->files)
		err = file_series_keep(session, output);
	if (err)
		file_series_free(&session->files);
	return err;
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

static int file_series_tell(struct xdpdrop *session, enum message_kind kind)
{
	struct message request = { .kind = kind };
	int fd = -1, err = file_series_ask(session->files.member, &request, &fd);

	cleanup_fd(&fd);
	return err;
}

int file_series_check(struct xdpdrop *session)
{
	return file_series_tell(session, MESSAGE_CHECK);
}

int file_series_begun(struct xdpdrop *session)
{
	return session->files.count ? file_series_tell(session, MESSAGE_BEGUN) : 0;
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
	if (files->member)
		pthread_mutex_destroy(&files->turn);
	for (unsigned int i = 0; i < files->count; i++)
		free(files->member[i].name);
	free(files->member);
	files->member = NULL;
	files->count = 0;
	files->lost = 0;
	files->asked = (struct xdpdrop_files){ 0 };
}

void xdpdrop_next_file(struct xdpdrop *session)
{
	__atomic_store_n(&session->next_file, 1, __ATOMIC_RELAXED);
}

const char *xdpdrop_thread_file_name(const struct xdpdrop *session, unsigned int thread)
{
	const struct file_member *member;

	if (thread >= session->files.count)
		return NULL;
	member = &session->files.member[thread];
	return *member->current ? member->current : member->name;
}

const char *xdpdrop_file_name(const struct xdpdrop *session)
{
	return xdpdrop_thread_file_name(session, 0);
}
