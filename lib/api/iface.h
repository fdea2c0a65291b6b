/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One interface of a session: its pipeline, and the tap that captures there.
 */
#ifndef XDPDROP_API_IFACE_H
#define XDPDROP_API_IFACE_H

#include <errno.h>

#include "api/driver_count.h"
#include "tap/tap.h"

struct iface {
	struct tap_context context;
	struct filter_set filters; /* for its link type */
	const struct tap *tap;
	bool automatic;		      /* the tap was not asked for */
	struct tap_state *state;      /* NULL: not armed */
	struct tap_state *exceptions; /* of tap_exception, beside the tap; NULL: not armed */
	char unseen[512];	      /* last reported text of what the tap does not capture */
	char unseen_before[512];      /* the previous such text */
	char better[512];	      /* last reported text of a tap that is better now */
	__u64 armed_at;		      /* ns of clock_monotonic() */
	__u64 unseen_since;	      /* likewise, start of the incomplete time; 0: complete */
	__u64 unseen_ns;	      /* incomplete time that has ended */
	struct driver_count driver;   /* what the driver counts beside us */
	__u32 unread_slots;	      /* as last reported */
	int error;		      /* last reported error of a failed query */
};

/* Read interface @ifname. To be passed to iface_forget(). Errors: -ENODEV; logged. */
int iface_read(struct iface *iface, const char *ifname);

/* Close and free the data of iface_read(). */
void iface_forget(struct iface *iface);

/*
 * Arm iface->tap, which was selected for the pipeline, and tap_exception if requested. Logs errors,
 * but -EINTR: *@broken, which a signal handler or another thread may set, is not 0.
 */
int iface_arm(struct iface *iface, const int *broken);

/*
 * Read the interface again and follow what has changed. -ENODEV, -ESTALE: nothing is left to
 * capture there; logged.
 */
int iface_resync(struct iface *iface);

/*
 * For how long some drops were not captured, if that changed since iface_arm(): a warning. An error
 * if no program is captured any more and the tap cannot capture an attached one.
 */
void iface_report_unseen(const struct iface *iface);

/*
 * Close and free the state of iface_arm(). The interface stays armed: another process has a copy of
 * the state.
 */
void iface_release(struct iface *iface);

/* Revert what iface_arm() has changed in the kernel. Does nothing if not armed. */
void iface_undo(struct iface *iface);

/* Is it still armed, as far as open descriptors show? */
bool iface_is_intact(const struct iface *iface);

/* Add the descriptors of armed taps to @list. */
void iface_keep(const struct iface *iface, struct fd_list *list);

/* For callers, -EINVAL means wrong options: the kernel's becomes another error. */
static inline int iface_kernel_error(int err)
{
	return err == -EINVAL ? -EOPNOTSUPP : err;
}

#endif
