// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What is armed, in the process that holds it: arming, what falls due meanwhile, and disarming.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/session.h"
#include "base/clock.h"
#include "bpf/capture_rings.h"
#include "bpf/emptying.h"
#include "bpf/lease.h"
#include "bpf/rcu_wait.h"
#include "xdp/wrapper.h"

#define SECOND_NS 1000000000ULL
#define LEASE_EVERY_NS SECOND_NS
/* For changes that netlink does not announce. */
#define RESYNC_EVERY_NS (SECOND_NS / 2)
/*
 * After a program has come, the kernel may still empty its hook: looks follow, each of them twice
 * as long after the one before.
 */
#define FIRST_LOOK_NS (SECOND_NS / 1000)

static bool armed_is_armed(const struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++)
		if (session->ifaces[i].state)
			return true;
	return false;
}

/* What fails is tried again; once the time is up, nothing is captured any more. */
static int armed_extend_lease(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();
	int err = capture_maps_extend_lease(&session->maps);

	if (!err) {
		session->next_lease = now + LEASE_EVERY_NS;
		session->lease_ends = now + LEASE_NS;
	}
	/* not by the control page, which the process that reads records can write */
	if (!err || now < session->lease_ends)
		return 0;
	return log_error(&session->log, err, "cannot extend the lease of the programs: %s",
			 strerror(-err));
}

int session_arm(struct xdpdrop *session)
{
	int err = 0;

	session_drop_refusal(session); /* of a probe */
	for (unsigned int i = 0; !err && i < session->iface_count; i++)
		err = iface_arm(&session->ifaces[i], &session->broken);
	return err ?: armed_extend_lease(session);
}

static void armed_release(void *data)
{
	struct xdpdrop *session = data;

	for (unsigned int i = 0; i < session->iface_count; i++)
		iface_release(&session->ifaces[i]);
}

void session_disarm(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++) {
		iface_report_unseen(&session->ifaces[i]);
		iface_undo(&session->ifaces[i]);
	}
	watchdog_end(&session->watchdog);
	/* the watchdog has closed the hooks already */
	emptying_run(armed_release, session);
	/* now that nobody holds what was armed */
	wrapper_remove_orphans(&session->log);
	rcu_wait();
}

/* The watchdog gets all that it needs to keep the lease. */
int session_guard(struct xdpdrop *session)
{
	const struct journal_record record = { .kind = JOURNAL_LEASE,
					       .lease = { .lease_fd = session->maps.lease_fd,
							  .control_fd = session->maps.control_fd,
							  .pid = getpid() } };
	__u32 number = 0;
	int err = watchdog_write(&session->watchdog, &number, &record);

	if (!err)
		watchdog_keep(&session->watchdog, &session->log);
	return err;
}

/* An interface with nothing left is closed; the last one's error ends the capture. */
static int armed_resync(struct xdpdrop *session)
{
	int err = 0;

	if (!session->opts.count_only)
		capture_rings_follow_cpus(&session->maps, &session->log);
	for (unsigned int i = 0; i < session->iface_count; i++) {
		struct iface *iface = &session->ifaces[i];
		int gone = iface->state ? iface_resync(iface) : 0;

		if (!gone)
			continue;
		err = gone;
		iface_report_unseen(iface);
		points_close_interface(&session->points, iface->context.pipeline.ifindex);
		iface_undo(iface);
		iface_release(iface);
		session->untidy = true;
	}
	return armed_is_armed(session) ? 0 : err;
}

/* A hook that is emptied again and again begins no series while there is one. */
static void armed_begin_looks(struct xdpdrop *session)
{
	if (session->looked_points == session->points.added)
		return;
	session->looked_points = session->points.added;
	if (session->look_interval)
		return;
	session->look_interval = FIRST_LOOK_NS;
	session->next_look = clock_monotonic() + FIRST_LOOK_NS;
}

/* What is no longer intact is armed again at once. */
static void armed_look(struct xdpdrop *session, __u64 now)
{
	if (!session->look_interval || now < session->next_look)
		return;
	for (unsigned int i = 0; i < session->iface_count; i++)
		if (!iface_is_intact(&session->ifaces[i]))
			session->next_resync = now;
	session->look_interval *= 2;
	if (session->look_interval >= RESYNC_EVERY_NS)
		session->look_interval = 0;
	session->next_look = now + session->look_interval;
}

__u64 session_due(const struct xdpdrop *session)
{
	if (session->look_interval && session->next_look < session->next_resync)
		return session->next_look;
	return session->next_resync;
}

void session_put_off(struct xdpdrop *session, __u64 time)
{
	session->next_resync = time;
	if (session->next_look < time)
		session->next_look = time;
}

int session_maintain(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();
	int err = now >= session->next_lease ? armed_extend_lease(session) : 0;

	armed_look(session, now);
	if (err || now < session->next_resync)
		return err;
	session->last_resync = now;
	watchdog_keep(&session->watchdog, &session->log);
	if (session->untidy)
		wrapper_remove_orphans(&session->log);
	session->untidy = false;
	session_choose_links(session);
	err = armed_resync(session);
	session->next_resync = now + RESYNC_EVERY_NS;
	armed_begin_looks(session);
	return err;
}
