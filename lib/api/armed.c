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
#include "bpf/lease.h"
#include "bpf/rcu_wait.h"
#include "xdp/wrapper.h"

#define SECOND_NS 1000000000ULL
#define LEASE_EVERY_NS SECOND_NS
/* For changes that netlink does not announce. */
#define RESYNC_EVERY_NS (SECOND_NS / 2)
/* After a program has come, some looks follow soon: the kernel may still empty its hook. */
#define RESYNC_SOON_NS (SECOND_NS / 20)
#define RESYNCS_SOON 2

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

void session_disarm(struct xdpdrop *session)
{
	for (unsigned int i = 0; i < session->iface_count; i++) {
		iface_report_unseen(&session->ifaces[i]);
		iface_disarm(&session->ifaces[i]);
	}
	watchdog_end(&session->watchdog);
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
		iface_disarm(iface);
		session->untidy = true;
	}
	return armed_is_armed(session) ? 0 : err;
}

/* Time from this look to the next one. */
static __u64 armed_interval(struct xdpdrop *session)
{
	if (session->looked_points != session->points.count) {
		session->looked_points = session->points.count;
		session->soon = RESYNCS_SOON;
	}
	if (!session->soon)
		return RESYNC_EVERY_NS;
	session->soon--;
	return RESYNC_SOON_NS;
}

int session_maintain(struct xdpdrop *session)
{
	__u64 now = clock_monotonic();
	int err = now >= session->next_lease ? armed_extend_lease(session) : 0;

	if (err || now < session->next_resync)
		return err;
	session->last_resync = now;
	watchdog_keep(&session->watchdog, &session->log);
	if (session->untidy)
		wrapper_remove_orphans(&session->log);
	session->untidy = false;
	session_choose_links(session);
	err = armed_resync(session);
	session->next_resync = now + armed_interval(session);
	return err;
}
