// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The life of a capture: create, set, activate, poll, stop, free. The only file that joins the
 * stages; how each works is theirs.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "choose.h"
#include "cleanup.h"
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
	session->epoll_fd = session->watch_fd = session->break_fd = -1;
	session->kernel = (struct kernel){ .rings_fd = -1, .counters_fd = -1, .control_fd = -1 };
	session->context = (struct tap_context){ .log = &session->log,
						 .opts = &session->opts,
						 .kernel = &session->kernel,
						 .sites = &session->sites };
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
	kernel_destroy(&session->kernel);
	sites_free(&session->sites);
	options_free(&session->opts);
	cleanup_fd(&session->epoll_fd);
	cleanup_fd(&session->watch_fd);
	cleanup_fd(&session->break_fd);
	free(session);
}

void xdpdrop_set_log(struct xdpdrop *session, xdpdrop_log_fn fn, void *data,
		     enum xdpdrop_log_level level)
{
	session->log = (struct log){ .fn = fn, .data = data, .level = level };
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

/* Without this check a refusal would look like a kernel that lacks things. */
static int check_privilege(const struct log *log)
{
	__u32 id;

	if (!bpf_prog_get_next_id(0, &id) || errno != EPERM)
		return 0;
	return log_error(log, -EPERM, "the kernel does not let this process see BPF programs");
}

int session_prepare(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts)
{
	int err;

	if (session->active || session->stopped)
		return log_error(&session->log, -EINVAL, "this capture has been used already");
	err = check_privilege(&session->log);
	if (err)
		return err;
	options_free(&session->opts);
	err = options_complete(&session->opts, opts, &session->log);
	if (err)
		return err;
	err = pipeline_read(&session->context.pipeline, ifname, 0, &session->log);
	if (err == -ENODEV)
		log_error(&session->log, err, "there is no interface %s", ifname);
	return err;
}

static int listen_to(struct xdpdrop *session, int fd, __u32 events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (!epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, fd, &event) || errno == EEXIST)
		return 0;
	return -errno;
}

/* Edge-triggered: a ring with records below its watermark must not wake us. */
static int listen_to_rings(struct xdpdrop *session)
{
	int err = 0;

	for (unsigned int cpu = 0; !err && cpu < session->kernel.cpus; cpu++)
		if (session->kernel.ring_fds[cpu] >= 0)
			err = listen_to(session, session->kernel.ring_fds[cpu], EPOLLIN | EPOLLET);
	return err;
}

static int listen_to_all(struct xdpdrop *session)
{
	int err = listen_to(session, session->break_fd, EPOLLIN);

	session->watch_fd = watch_open();
	if (session->watch_fd >= 0)
		err = err ?: listen_to(session, session->watch_fd, EPOLLIN);
	return err ?: listen_to_rings(session);
}

static int begin(struct xdpdrop *session)
{
	int err = listen_to_all(session);

	err = err   ?:
		      delivery_begin(&session->delivery, &session->sites, session->opts.snaplen,
				     &session->broken);
	if (err)
		return log_error(&session->log, err, "cannot start the output: %s", strerror(-err));
	session->kernel.control->snaplen = session->opts.snaplen;
	return session->tap->arm(&session->context, &session->state);
}

int xdpdrop_activate(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts)
{
	LOG_SCOPE(&session->log);
	int err = session_prepare(session, ifname, opts);

	err = err ?: choose_tap(&session->context, &session->tap);
	err = err ?: kernel_create(&session->kernel, session->opts.buffer_kib, &session->log);
	if (err)
		return err;
	err = begin(session);
	kernel_extend_lease(&session->kernel);
	if (!err)
		/* the file begins now, so that a reader of a pipe sees it before the first drop */
		err = delivery_round(&session->delivery, &session->kernel) ?:
			      delivery_flush(&session->delivery);
	session->active = !err || session->state;
	if (err) {
		xdpdrop_stop(session);
		return err;
	}
	log_info(&session->log, "%u CPUs, rings of %zu KiB", session->kernel.rings.count,
		 session->kernel.ring_size / 1024);
	return 0;
}

static int resync(struct xdpdrop *session)
{
	struct pipeline *pipeline = &session->context.pipeline;
	char ifname[IF_NAMESIZE];
	int err;

	memcpy(ifname, pipeline->ifname, sizeof(ifname));
	kernel_follow_cpus(&session->kernel);
	listen_to_rings(session);
	err = pipeline_read(pipeline, NULL, pipeline->ifindex, &session->log);
	if (err == -ENODEV)
		return log_error(&session->log, err, "interface %s has gone; the capture ends",
				 ifname);
	/* another failure may pass; what is armed stays armed */
	return err ? 0 : session->tap->resync(&session->context, session->state);
}

static int maintain(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();

	if (now >= session->next_lease) {
		kernel_extend_lease(&session->kernel);
		session->next_lease = now + LEASE_EVERY_NS;
	}
	if (now < session->next_resync)
		return 0;
	session->next_resync = now + RESYNC_EVERY_NS;
	return resync(session);
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
	int count, err = delivery_round(&session->delivery, &session->kernel);

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
	int err;

	if (!session->active)
		return -EINVAL;
	if (!session->backlog)
		wait_for_records(session,
				 timeout_ms < IDLE_MS && timeout_ms >= 0 ? timeout_ms : IDLE_MS);
	if (session->broken)
		return -EINTR;
	err = maintain(session);
	return err ?: round_of_records(session, clock_monotonic() - SETTLE_NS);
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

	delivery_round(&session->delivery, &session->kernel);
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
	session->tap->disarm(&session->context, session->state);
	session->state = NULL;
	kernel_quiesce(&session->kernel);
	drain_all(session);
	err = delivery_finish(&session->delivery, &session->kernel);
	session->error = session->error ?: err;
	return session->error;
}

static void sum_sites(const struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	for (unsigned int i = 0; i < session->sites.count; i++) {
		struct xdpdrop_counters sum;

		kernel_count(&session->kernel, i, &sum);
		stats->seen += sum.seen;
		stats->filtered += sum.filtered;
		stats->sampled_out += sum.sampled_out;
		stats->limited += sum.limited;
		stats->lost += sum.lost;
		stats->captured += sum.captured;
		stats->bytes += sum.bytes;
	}
}

/* While frames arrive, a frame may be counted as seen and not yet as anything else. */
static bool is_balanced(const struct xdpdrop *session, const struct xdpdrop_stats *stats)
{
	if (!session->stopped)
		return true;
	return stats->seen == stats->filtered + stats->sampled_out + stats->limited + stats->lost +
				      stats->captured &&
	       stats->captured == stats->written + stats->write_failed + stats->surplus;
}

int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats)
{
	struct xdpdrop_stats all = { .size = stats->size };

	if (stats->size > sizeof(all) || stats->size < sizeof(stats->size))
		return -EINVAL;
	if (session->kernel.counters)
		sum_sites(session, &all);
	delivery_count(&session->delivery, &all);
	all.balanced = is_balanced(session, &all);
	memcpy(stats, &all, stats->size);
	return 0;
}

unsigned int xdpdrop_site_count(const struct xdpdrop *session)
{
	return session->sites.count;
}

const struct xdpdrop_site *xdpdrop_get_site(const struct xdpdrop *session, unsigned int index)
{
	return index < session->sites.count ? &session->sites.site[index].info : NULL;
}

const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason)
{
	if (index >= session->sites.count)
		return NULL;
	return reasons_name(&session->sites.site[index].reasons, reason);
}
