// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The life of a capture: create, set, activate, poll, stop, free. The only file that joins the
 * stages; how each works is theirs.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "choose.h"
#include "cleanup.h"
#include "deputy.h"
#include "grace.h"
#include "options.h"
#include "session.h"
#include "watch.h"

#define SECOND_NS 1000000000ULL
#define LEASE_EVERY_NS SECOND_NS
/* For changes that netlink does not announce. */
#define RESYNC_EVERY_NS (SECOND_NS / 2)
/* A lone record waits at most this long: rings wake the reader only when they fill. */
#define IDLE_MS 20
/* Records in one round; then signals and changes get their turn. */
#define ROUND_RECORDS 262144
/* A producer position may be seen this much later than the clock reading that follows it. */
#define SETTLE_NS 20000ULL
/* A program that was stopped between reserve and submit (a paused virtual CPU) gets this long. */
#define LINGER_NS (2 * SECOND_NS)

const char *xdpdrop_version(void)
{
	return XDPDROP_VERSION;
}

static int create_descriptors(struct xdpdrop *session)
{
	session->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (session->epoll_fd < 0)
		return -errno;
	session->break_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return session->break_fd < 0 ? -errno : 0;
}

int xdpdrop_new(struct xdpdrop **out)
{
	struct xdpdrop *session = calloc(1, sizeof(*session));
	int err;

	if (!session)
		return -ENOMEM;
	session->log.refusal = &session->refusal;
	session->epoll_fd = session->watch_fd = session->break_fd = -1;
	session->kernel = KERNEL_NONE;
	err = create_descriptors(session);
	if (err) {
		xdpdrop_free(session);
		return err;
	}
	*out = session;
	return 0;
}

void xdpdrop_free(struct xdpdrop *session)
{
	if (!session)
		return;
	xdpdrop_stop(session);
	delivery_free(&session->delivery);
	bounds_free(&session->bounds);
	kernel_destroy(&session->kernel);
	sites_free(&session->sites);
	session_forget_ports(session);
	free(session->ports);
	filters_free(&session->filters);
	options_free(&session->opts);
	free(session->refusal);
	cleanup_fd(&session->epoll_fd);
	cleanup_fd(&session->watch_fd);
	cleanup_fd(&session->break_fd);
	free(session);
}

void xdpdrop_set_log(struct xdpdrop *session, xdpdrop_log_fn fn, void *data,
		     enum xdpdrop_log_level level)
{
	session->log = (struct log){
		.fn = fn, .data = data, .level = level, .refusal = &session->refusal
	};
}

void xdpdrop_set_handler(struct xdpdrop *session, xdpdrop_record_fn fn, void *data)
{
	session->delivery.handler = fn;
	session->delivery.handler_data = data;
}

int xdpdrop_set_output(struct xdpdrop *session, const struct xdpdrop_output *output)
{
	struct xdpdrop_output known = { 0 };

	if (session->active || !output || output->size > sizeof(known))
		return -EINVAL;
	memcpy(&known, output, output->size);
	return delivery_set_output(&session->delivery, &known);
}

void xdpdrop_set_limit(struct xdpdrop *session, __u64 records)
{
	session->delivery.limit = records;
}

int session_listen_to(struct xdpdrop *session, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (!epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, fd, &event) || errno == EEXIST)
		return 0;
	return -errno;
}

/* Edge-triggered: a ring with records below its watermark must not wake us. */
int session_listen_to_rings(struct xdpdrop *session)
{
	int err = 0;

	for (unsigned int cpu = 0; !err && cpu < session->kernel.cpus; cpu++)
		if (session->kernel.ring_fds[cpu] >= 0)
			err = session_listen_to(session, session->kernel.ring_fds[cpu],
						EPOLLIN | EPOLLET);
	return err;
}

static int listen_to_all(struct xdpdrop *session)
{
	int err = session_listen_to(session, session->break_fd, EPOLLIN);

	session->watch_fd = watch_open();
	if (session->watch_fd >= 0)
		err = err ?: session_listen_to(session, session->watch_fd, EPOLLIN);
	return err ?: session_listen_to_rings(session);
}

static bool is_armed(const struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->port_count; i++)
		if (session->ports[i].state)
			return true;
	return false;
}

/* What fails is tried again; once the time is up, nothing is captured any more. */
static int extend_lease(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();
	int err = kernel_extend_lease(&session->kernel);

	if (!err)
		session->next_lease = now + LEASE_EVERY_NS;
	if (!err || now < session->kernel.control->deadline)
		return 0;
	return log_error(&session->log, err, "cannot extend the capture programs' lease: %s",
			 strerror(-err));
}

static int arm(struct xdpdrop *session)
{
	int err = 0;

	free(session->refusal); /* of a probe */
	session->refusal = NULL;
	for (unsigned int i = 0; !err && i < session->port_count; i++)
		err = port_arm(&session->ports[i]);
	return err ?: extend_lease(session);
}

void session_disarm(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->port_count; i++)
		port_disarm(&session->ports[i]);
	session_unguard(session);
	grace_wait();
}

static int begin(struct xdpdrop *session)
{
	int err = listen_to_all(session);

	err = err   ?:
		      delivery_begin(&session->delivery, &session->sites, &session->opts,
				     &session->broken);
	if (err)
		return log_error(&session->log, err, "cannot start the output: %s", strerror(-err));
	session->kernel.control->snaplen = session->opts.snaplen;
	/* before anything is armed: we may be killed at any moment */
	session_guard(session);
	err = arm(session);
	/* the file begins now, so that a reader of a pipe sees it before the first drop */
	return err ?: delivery_round(&session->delivery) ?: delivery_flush(&session->delivery);
}

/* Before anything is created, so that "nothing to capture" costs nothing. */
static int choose_taps(struct xdpdrop *session)
{
	int err = 0;

	if (session->opts.actions & XDPDROP_EXCEPTIONS && session->delivery.writer == &writer_pcap)
		return log_error(&session->log, -EINVAL,
				 "exceptions have no frames, and pcap nothing else; use pcapng");
	for (unsigned int i = 0; !err && i < session->port_count; i++)
		err = choose_all(&session->ports[i].context, &session->ports[i].tap);
	return err;
}

int xdpdrop_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts)
{
	LOG_SCOPE(&session->log);
	int err = session_prepare(session, ifname, opts);

	err = err ?: choose_taps(session);
	err = err ?: kernel_create(&session->kernel, session->opts.buffer_kib, &session->log);
	if (err)
		return err;
	session->used = true;
	err = bounds_begin(&session->bounds, &session->kernel, &session->opts, &session->log);
	err = err ?: begin(session);
	if (err) {
		session_disarm(session);
		return err;
	}
	session->active = true;
	session_guard(session);
	log_info(&session->log, "%u CPUs, rings of %zu KiB", session->kernel.rings.count,
		 session->kernel.ring_size / 1024);
	return 0;
}

/* A port with nothing left is closed; the last one's error ends the capture. */
static int resync(struct xdpdrop *session)
{
	int err = 0;

	kernel_follow_cpus(&session->kernel);
	session_listen_to_rings(session);
	for (unsigned int i = 0; i < session->port_count; i++) {
		struct port *port = &session->ports[i];
		int gone = port->state ? port_resync(port) : 0;

		if (!gone)
			continue;
		err = gone;
		sites_close_interface(&session->sites, port->context.pipeline.ifindex);
		port_disarm(port);
	}
	return is_armed(session) ? 0 : err;
}

int session_maintain(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();
	int err = now >= session->next_lease ? extend_lease(session) : 0;

	if (err || now < session->next_resync)
		return err;
	session->next_resync = now + RESYNC_EVERY_NS;
	err = resync(session);
	session_guard(session);
	return err;
}

static void wait_for_records(struct xdpdrop *session, int timeout_ms)
{
	struct epoll_event events[16];
	int count = epoll_wait(session->epoll_fd, events, 16, timeout_ms);

	for (int i = 0; i < count; i++)
		if (events[i].data.fd == session->watch_fd && watch_read(session->watch_fd))
			session->next_resync = 0;
}

/* Pass on what is in the rings and not younger than @until. */
static int round_of_records(struct xdpdrop *session, __u64 until)
{
	int count, err = delivery_round(&session->delivery);

	delivery_tell(&session->delivery, &session->log);
	if (err)
		return err;
	count = rings_drain(&session->kernel.rings, until, ROUND_RECORDS, delivery_record,
			    &session->delivery);
	session->backlog = count == ROUND_RECORDS;
	err = delivery_flush(&session->delivery);
	return count < 0 ? count : err ?: count;
}

int xdpdrop_poll(struct xdpdrop *session, int timeout_ms)
{
	LOG_SCOPE(&session->log);
	__u64 until;
	int err;

	if (!session->active)
		return -EINVAL;
	if (!session->backlog)
		wait_for_records(session,
				 timeout_ms < IDLE_MS && timeout_ms >= 0 ? timeout_ms : IDLE_MS);
	if (session->broken)
		return -EINTR;
	bounds_tick(&session->bounds, &session->kernel, clock_monotonic());
	/* before the deputy's news: they tell of the sites of all records up to this moment */
	until = clock_monotonic() - SETTLE_NS;
	err = session->deputy.pid ? deputy_hear(session) : session_maintain(session);
	return err ?: round_of_records(session, until);
}

void xdpdrop_break(struct xdpdrop *session)
{
	static const __u64 one = 1;
	int saved = errno;

	session->broken = 1;
	/* the only failure, a full counter, means that it is readable already */
	if (write(session->break_fd, &one, sizeof(one)) < 0)
		errno = saved;
}

static bool rings_empty(const struct rings *rings)
{
	for (unsigned int i = 0; i < rings->count; i++)
		if (__atomic_load_n(rings->ring[i].producer_pos, __ATOMIC_ACQUIRE) !=
		    rings->ring[i].position)
			return false;
	return true;
}

/* Past an error every record must still be accounted for. */
static int last_record(void *data, const struct xdpdrop_record *record)
{
	struct xdpdrop *session = data;
	int err = delivery_record(&session->delivery, record);

	if (err < 0 && err != -ENODATA)
		session->error = session->error ?: err;
	return 0;
}

/* After the disarm nothing comes in any more. */
static void drain_all(struct xdpdrop *session)
{
	__u64 end = clock_monotonic() + LINGER_NS;

	delivery_round(&session->delivery);
	while (!rings_empty(&session->kernel.rings)) {
		if (rings_drain(&session->kernel.rings, ULLONG_MAX, INT_MAX, last_record, session))
			continue;
		/* a record that is reserved and not yet submitted */
		if (clock_monotonic() > end)
			break;
		usleep(1000);
	}
}

int xdpdrop_stop(struct xdpdrop *session)
{
	LOG_SCOPE(&session->log);
	int err;

	session->broken = 1;
	if (!session->active)
		return session->error;
	session->active = false;
	session->stopped = true;
	if (session->deputy.pid)
		deputy_stop(session);
	else
		session_disarm(session);
	drain_all(session);
	err = delivery_finish(&session->delivery, &session->kernel);
	session->error = session->error ?: err;
	return session->error;
}
