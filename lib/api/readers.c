// SPDX-License-Identifier: LGPL-2.1-only
#include "api/readers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/cleanup.h"

static int readers_open_epoll(struct xdpdrop *session, struct reader *reader)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = session->epoll_fd };

	reader->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (reader->epoll_fd < 0 ||
	    epoll_ctl(reader->epoll_fd, EPOLL_CTL_ADD, session->epoll_fd, &event))
		return -errno;
	return 0;
}

static int readers_set_one(struct xdpdrop *session, const struct xdpdrop_output *output,
			   unsigned int number)
{
	struct xdpdrop_output own = *output;
	struct reader *reader = &session->reader[number];
	int err;

	own.fd = output->files ? -1 : output->thread_fds[number];
	reader->epoll_fd = -1;
	reader->sink = number ? calloc(1, sizeof(*reader->sink)) : &session->sink;
	if (!reader->sink)
		return -ENOMEM;
	session->reader_count = number + 1;
	reader->sink->reader = number;
	err = sink_set_output(reader->sink, &own);
	return err ? err : readers_open_epoll(session, reader);
}

int readers_set(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	int err = 0;

	readers_free(session);
	if (!output->thread_count)
		return 0;
	if (output->thread_count < 2 || output->thread_count > POINTS_READERS || output->fd >= 0 ||
	    output->listen_count || !output->files == !output->thread_fds)
		return -EINVAL;
	session->reader = calloc(output->thread_count, sizeof(*session->reader));
	if (!session->reader)
		return -ENOMEM;
	for (unsigned int i = 0; !err && i < output->thread_count; i++)
		err = readers_set_one(session, output, i);
	if (err)
		readers_free(session);
	return err;
}

/* The one with the fewest rings. */
static unsigned int readers_choose(const struct xdpdrop *session)
{
	unsigned int chosen = 0;

	for (unsigned int i = 1; i < session->reader_count; i++)
		if (session->reader[i].rings.count < session->reader[chosen].rings.count)
			chosen = i;
	return chosen;
}

int readers_add_ring(void *data, __u32 cpu, int fd, size_t size)
{
	/* edge-triggered: a ring with records below its watermark must not wake us */
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.fd = fd };
	struct xdpdrop *session = data;
	unsigned int chosen = readers_choose(session);
	struct reader *reader = session->reader_count ? &session->reader[chosen] : NULL;
	int err = rings_add(reader ? &reader->rings : &session->rings, fd, size);

	if (err)
		return err;
	session->maps.reader[cpu] = chosen;
	if (!epoll_ctl(reader ? reader->epoll_fd : session->epoll_fd, EPOLL_CTL_ADD, fd, &event) ||
	    errno == EEXIST)
		return 0;
	return -errno;
}

void readers_free_rings(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->reader_count; i++)
		rings_free(&session->reader[i].rings);
}

void readers_free(struct xdpdrop *session)
{
	const unsigned int count = session->reader_count;

	readers_free_rings(session);
	/* for xdpdrop_break() in a signal handler, which finds none from now on */
	session->reader_count = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < count; i++) {
		struct reader *reader = &session->reader[i];

		cleanup_fd(&reader->epoll_fd);
		free(reader->before.rows.row);
		if (!i)
			continue;
		sink_free(reader->sink);
		free(reader->sink);
	}
	free(session->reader);
	session->reader = NULL;
}

unsigned int readers_count(const struct xdpdrop *session)
{
	return session->reader_count ? session->reader_count : 1;
}

struct sink *readers_sink(struct xdpdrop *session, unsigned int reader)
{
	return session->reader_count ? session->reader[reader].sink : &session->sink;
}

struct counted *readers_before(struct xdpdrop *session, unsigned int reader)
{
	return session->reader_count ? &session->reader[reader].before : &session->before;
}

int readers_begin_files(struct xdpdrop *session)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < readers_count(session); i++)
		err = sink_begin_files(readers_sink(session, i));
	return err;
}

void readers_cancel(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < readers_count(session); i++) {
		struct buffer *out = &readers_sink(session, i)->out;

		out->error = out->error ? out->error : -ECANCELED;
	}
}

void readers_break(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < readers_count(session); i++)
		sink_break(readers_sink(session, i));
}

__u64 readers_invalid(const struct xdpdrop *session)
{
	__u64 invalid = session->rings.invalid;

	for (unsigned int i = 0; i < session->reader_count; i++)
		invalid += session->reader[i].rings.invalid;
	return invalid;
}

struct totals readers_totals(const struct xdpdrop *session, int only)
{
	struct totals totals = { .maps = &session->maps,
				 .points = &session->points,
				 .captured = { &session->sink.captured },
				 .only = only };

	for (unsigned int i = 1; i < session->reader_count; i++)
		totals.captured[i] = &session->reader[i].sink->captured;
	return totals;
}

/* Several readers have files, not clients. */
void readers_count_records(struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	sink_count(&session->sink, stats);
	for (unsigned int i = 1; i < session->reader_count; i++) {
		struct xdpdrop_stats one = { 0 };

		sink_count(session->reader[i].sink, &one);
		stats->written += one.written;
		stats->write_failed += one.write_failed;
		stats->over_limit += one.over_limit;
		stats->files += one.files;
	}
}

struct rule_counts *readers_rules(const struct xdpdrop *session)
{
	struct rule_counts *sum = malloc(sizeof(*sum));

	if (!sum)
		return NULL;
	*sum = session->sink.rules;
	for (unsigned int i = 1; i < session->reader_count; i++)
		rule_counts_merge(sum, &session->reader[i].sink->rules);
	return sum;
}

int xdpdrop_failed_thread(const struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->reader_count; i++) {
		int err = session->reader[i].sink->out.error;

		/* of another one's failure */
		if (err && err != -ECANCELED)
			return i;
	}
	return -1;
}
