// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The life of a capture: create, set, activate, poll, stop, free. Joins the stages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap/tap_select.h"
#include "base/cleanup.h"
#include "api/describe.h"
#include "api/options.h"
#include "api/readers.h"
#include "api/replay_output.h"
#include "api/session.h"
#include "api/slice.h"
#include "xdp/link_monitor.h"
#include "xdp/link_speed.h"

#define MS_NS 1000000ULL
/* A lone record waits at most this long: rings wake the reader only when they fill. */
#define IDLE_MS 20
/* With nothing to read: only changes of interfaces. */
#define COUNTING_MS 250
/* Of several readers, between two looks at what else is due. */
#define SLICE_MS 250
/* Records in one round; then signals and changes get their turn. */
#define ROUND_RECORDS 262144
/* Between two looks at the triggers of a flight recorder: little of what its history holds. */
#define RECORDING_RECORDS 4096

static int session_create_descriptors(struct xdpdrop *session)
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
	session->epoll_fd = session->monitor_fd = session->break_fd = -1;
	session->netns_fd = session->speed_fd = -1;
	session->maps = CAPTURE_MAPS_NONE;
	session->watchdog = WATCHDOG_NONE;
	err = session_create_descriptors(session);
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
	readers_free(session);
	sink_free(&session->sink);
	file_series_stop(session);
	file_series_free(&session->files);
	recording_free(&session->recording);
	free(session->before.rows.row);
	replay_output_free(session->replay_output);
	limits_free(&session->limits);
	rings_free(&session->rings);
	capture_maps_destroy(&session->maps);
	points_free(&session->points);
	session_forget_ifaces(session);
	free(session->ifaces);
	options_free(&session->opts);
	free(session->refusal);
	cleanup_fd(&session->epoll_fd);
	cleanup_fd(&session->monitor_fd);
	cleanup_fd(&session->break_fd);
	cleanup_fd(&session->netns_fd);
	cleanup_fd(&session->speed_fd);
	free(session);
}

void xdpdrop_set_log(struct xdpdrop *session, xdpdrop_log_fn fn, void *data,
		     enum xdpdrop_log_level level)
{
	session->log.fn = fn;
	session->log.data = data;
	session->log.level = level;
}

void xdpdrop_set_hints(struct xdpdrop *session, xdpdrop_hint_fn fn, void *data)
{
	session->log.hint = fn;
	session->log.hint_data = data;
}

void xdpdrop_set_handler(struct xdpdrop *session, xdpdrop_record_fn fn, void *data)
{
	session->sink.handler = fn;
	session->sink.handler_data = data;
}

void xdpdrop_set_limit(struct xdpdrop *session, __u64 records)
{
	session->sink.limit = records;
}

static int session_listen_to(struct xdpdrop *session, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (!epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, fd, &event) || errno == EEXIST)
		return 0;
	return -errno;
}

static int session_listen_to_all(struct xdpdrop *session)
{
	int err = session_listen_to(session, session->break_fd, EPOLLIN);

	session->speed_fd = link_speed_open();
	session->monitor_fd = link_monitor_open();
	session_choose_links(session);
	if (session->monitor_fd >= 0)
		err = err ?: session_listen_to(session, session->monitor_fd, EPOLLIN);
	if (session->sink.clients)
		err = err ?: session_listen_to(session, session->sink.clients->epoll_fd, EPOLLIN);
	return err;
}

static int session_check_break(struct xdpdrop *session)
{
	return __atomic_load_n(&session->broken, __ATOMIC_RELAXED) ? -EINTR : 0;
}

static int session_begin(struct xdpdrop *session)
{
	int err = session_listen_to_all(session);

	err = err ?: describe_begin(session);
	if (err)
		return log_error(&session->log, err, "cannot start the output: %s", strerror(-err));
	/* before anything is armed: we may be killed at any moment */
	err = session_guard(session);
	err = err ?: session_arm(session);
	if (err)
		return err;
	describe_speeds(session);
	/* an error of the output, which xdpdrop_stop() returns as it does later */
	session->error = recording_begin(session) ? file_series_check(session) : 0;
	return session->error;
}

/* Before anything is created, so that "nothing to capture" costs nothing. */
static int session_choose_taps(struct xdpdrop *session)
{
	int err = session_check_break(session);

	for (unsigned int i = 0; !err && i < session->iface_count; i++)
		err = tap_select_all(&session->ifaces[i].context, session->tap,
				     &session->ifaces[i].tap);
	return err ?: session_check_link_types(session);
}

static int session_activate(struct xdpdrop *session, const char *ifname,
			    const struct xdpdrop_opts *opts)
{
	int err = session_prepare_inputs(session, ifname, opts);

	err = err ?: session_compile(session);
	if (err)
		return err;
	err = session_choose_taps(session);
	err = err ?: session_check_break(session);
	/* before there are rings, which that process would keep */
	err = err ?: file_series_start(session);
	err = err ?: iface_kernel_error(session_create_maps(session));
	if (err) {
		session_destroy_maps(session);
		return err;
	}
	session->state = SESSION_FAILED;
	err = session_check_break(session);
	err = err ?: limits_begin(&session->limits, &session->maps, &session->opts, &session->log);
	err = err ?: session_begin(session);
	if (err) {
		session_disarm(session);
		return iface_kernel_error(err);
	}
	session->state = SESSION_ARMED;
	if (session->maps.ring_size)
		log_info(&session->log, "%u CPUs, rings of %zu KiB", session->maps.online,
			 session->maps.ring_size / 1024);
	return 0;
}

int xdpdrop_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err = session_visit(session, &visit);

	if (err)
		return err;
	err = session_activate(session, ifname, opts);
	return session_return(session, &visit, err);
}

int xdpdrop_delegate(struct xdpdrop *session)
{
	LOG_SCOPE(&session->log);
	struct netns_visit visit;
	int err;

	if (session->state != SESSION_ARMED)
		return -EINVAL;
	err = session_visit(session, &visit);
	if (err)
		return err;
	err = session_return(session, &visit, control_start(session));
	/* until then, what is armed has to be undone there */
	if (session->state == SESSION_DELEGATED)
		cleanup_fd(&session->netns_fd);
	err = err ?: session_listen_to(session, session->control.socket, EPOLLIN);
	if (err && err != -EINTR)
		return log_error(&session->log, err, "cannot start a control process: %s",
				 strerror(-err));
	return err;
}

static void session_wait_for_records(struct xdpdrop *session, int timeout_ms)
{
	struct epoll_event events[16];
	int count = epoll_wait(session->epoll_fd, events, 16, timeout_ms);

	for (int i = 0; i < count; i++)
		if (events[i].data.fd == session->monitor_fd &&
		    link_monitor_read(session->monitor_fd))
			session_links_changed(session);
}

/* All records up to @until were passed on: does another file begin? */
static int session_cut(struct xdpdrop *session, __u64 until)
{
	bool next = __atomic_exchange_n(&session->next_file, 0, __ATOMIC_RELAXED);
	int err;

	if (session->recording.marks)
		return recording_tick(session, until, next);
	err = sink_tick(&session->sink, until);
	return err || !next ? err : sink_cut(&session->sink, ROTATION_FILE);
}

/* Pass on what is in the rings and not younger than @until. */
static int session_round_of_records(struct xdpdrop *session, __u64 until)
{
	int most = session->recording.marks ? RECORDING_RECORDS : ROUND_RECORDS;
	int count, err = describe_points(session);

	sink_round(&session->sink);
	sink_report_clock(&session->sink, &session->log);
	if (err)
		return err;
	count = rings_drain(&session->rings, until, most, sink_record, &session->sink);
	session->backlog = count == most;
	session->behind = count < 0 || session->backlog || session->rings.unfinished;
	if (count >= 0 && (!session->behind || session->recording.marks))
		err = session_cut(session, until);
	points_forget(&session->points, session->behind ? 0 : until);
	err = err ?: sink_flush(&session->sink, session->backlog);
	return count < 0 ? count : err ?: count;
}

/* Returns what xdpdrop_poll() does, but 0 after @wait_ms at the latest. */
static int session_poll_once(struct xdpdrop *session, int wait_ms)
{
	__u64 until;
	int err;

	if (session->reader_count)
		session_wait_for_records(session, 0);
	else if (!session->backlog)
		session_wait_for_records(session, wait_ms);
	if (session_check_break(session))
		return -EINTR;
	limits_tick(&session->limits, &session->maps, clock_monotonic());
	/* before the control process's messages, which describe the points of records up to now */
	until = clock_kernel() - SETTLE_NS;
	err = session->state == SESSION_ARMED ? session_maintain_there(session) :
						control_receive(session);
	session->recording.over |= err == -ENODEV || err == -ESTALE;
	if (err)
		return err;
	return session->reader_count ? slice_run(session, wait_ms) :
				       session_round_of_records(session, until);
}

/* Rings wake us only when they fill, so that we look by ourselves, too. */
int xdpdrop_poll(struct xdpdrop *session, int timeout_ms)
{
	__u64 now = clock_monotonic();
	__u64 end = timeout_ms < 0 ? ~0ULL : now + timeout_ms * MS_NS;
	__u64 idle = session->opts.count_only ? COUNTING_MS :
		     session->reader_count    ? SLICE_MS :
						IDLE_MS;
	LOG_SCOPE(&session->log);
	int err;

	if (!session_is_active(session))
		return -EINVAL;
	err = session_begin_output(session);
	if (err)
		return err;
	do {
		/* the last milliseconds are rounded up, or we would not sleep in them */
		__u64 left = (end - now + MS_NS - 1) / MS_NS;

		err = session_poll_once(session, left < idle ? left : idle);
		now = clock_monotonic();
	} while (!err && now < end);
	return err;
}

static void session_set_broken(struct xdpdrop *session)
{
	__atomic_store_n(&session->broken, 1, __ATOMIC_RELAXED);
	readers_break(session);
}

void xdpdrop_break(struct xdpdrop *session)
{
	static const __u64 one = 1;
	int saved = errno;

	session_set_broken(session);
	/* the only failure, a full counter, means that it is readable already */
	if (write(session->break_fd, &one, sizeof(one)) < 0)
		errno = saved;
}

int xdpdrop_stop(struct xdpdrop *session)
{
	LOG_SCOPE(&session->log);
	int err;

	session_set_broken(session);
	if (!session_is_active(session))
		return session->error;
	err = 0;
	recording_disarm(session);
	if (session->state == SESSION_ARMED)
		err = session_disarm_there(session);
	else
		control_stop(session);
	session->state = SESSION_STOPPED;
	session->error = session->error ?: err;
	session_finish_output(session);
	return session->error;
}
