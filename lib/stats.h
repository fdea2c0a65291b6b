/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: what a capture has counted. Included by xdpdrop.h.
 */
#ifndef XDPDROP_STATS_H
#define XDPDROP_STATS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xdpdrop;

/* Totals of a session; exact once xdpdrop_stop() has returned. Since: 0.1 */
struct xdpdrop_stats {
	size_t size; /* set by the caller to sizeof(struct xdpdrop_stats) */
	/* kernel: seen = filtered + sampled_out + limited + lost + captured */
	__u64 seen, filtered, sampled_out, limited, lost, captured;
	__u64 bytes; /* of seen frames */
	/* not in the sum: runs for which the kernel skipped the fexit program, with any verdict */
	__u64 missed;
	/*
	 * user space: captured = written + write_failed + over_limit + unsent + forgotten; while
	 * the session is active, frames that are kept, and those in buffers, are missing in the sum
	 */
	__u64 written, write_failed;
	__u64 over_limit; /* beyond the limit of xdpdrop_set_limit() */
	/*
	 * both sums hold, the first one on each CPU and at each capture point, and the records
	 * that were read report as many losses as the programs have written
	 */
	bool balanced;
	__u32 sample; /* present sampling interval */
	/* with max_overhead: last measured time on the busiest CPU, in its unit */
	__u32 overhead;
	/* hooks and programs that could not be captured, for a time or at all */
	__u32 refused;
	/*
	 * With listen_fds, written counts the frames that at least one client was sent; unsent
	 * those that no client was sent, because none was connected or none kept up. Since: 0.2
	 */
	__u64 unsent;
	__u64 clients;	     /* clients that have connected. Since: 0.2 */
	__u64 client_lost;   /* frames that slow clients lost, summed over clients. Since: 0.2 */
	__u64 files;	     /* of the series, begun so far. Since: 0.2 */
	__u64 files_deleted; /* because of max_bytes, or on a full disk. Since: 0.2 */
	__u64 forgotten;     /* with a history: frames that were in no file. Since: 0.2 */
	__u64 kept;	     /* frames in the history now. Since: 0.2 */
	/* until the programs stop by themselves; extended each second. Since: 0.2 */
	__u32 lease_ms;
};

/* Fill @stats, whose size field is set. Errors: -EINVAL. Since: 0.1 */
int xdpdrop_get_stats(struct xdpdrop *session, struct xdpdrop_stats *stats);

/* Totals of one capture point, as in struct xdpdrop_stats. Since: 0.1 */
struct xdpdrop_point_stats {
	size_t size; /* set by the caller to sizeof(struct xdpdrop_point_stats) */
	__u64 seen, filtered, sampled_out, limited, lost, captured;
	__u64 bytes, missed;
};

/*
 * Fill @stats for capture point @index. Errors: -EINVAL there is no such capture point. Since: 0.1
 */
int xdpdrop_get_point_stats(const struct xdpdrop *session, unsigned int index,
			    struct xdpdrop_point_stats *stats);

/*
 * Totals of one reason at one capture point, over all frames seen there. The reasons of a capture
 * point add up to its totals. With count_matching, frames that were filtered are left out.
 */
struct xdpdrop_reason_stats {
	unsigned int point;
	__u32 reason;	  /* 0: frames without a reason */
	bool others;	  /* true: the sum of reasons that are not counted separately */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
	__u64 captured; /* captured frames of these, as far as read */
};

/*
 * Call @fn for each reason that occurred, by capture point and number. Errors: -ENOMEM. Since: 0.1
 */
typedef void (*xdpdrop_reason_fn)(void *data, const struct xdpdrop_reason_stats *stats);
int xdpdrop_get_reasons(const struct xdpdrop *session, xdpdrop_reason_fn fn, void *data);

/* Captured frames of one rule at one capture point, beside those of its reason. Since: 0.2 */
struct xdpdrop_rule_stats {
	unsigned int point;
	__u32 reason;	  /* 0: none */
	bool others;	  /* true: the sum of rules that are not counted separately */
	__u64 rule;	  /* the program's number */
	const char *name; /* NULL if it has none */
	__u64 frames, bytes;
};

/*
 * Call @fn for the @most rules with the most captured frames, in that order, and once for the sum
 * of rules beyond the table. Errors: -ENOMEM. Since: 0.2
 */
typedef void (*xdpdrop_rule_fn)(void *data, const struct xdpdrop_rule_stats *stats);
int xdpdrop_get_rules(const struct xdpdrop *session, unsigned int most, xdpdrop_rule_fn fn,
		      void *data);

/*
 * Name of @reason at capture point @index, NULL if it has none; owned by the session. Since: 0.1
 */
const char *xdpdrop_reason_name(const struct xdpdrop *session, unsigned int index, __u32 reason);

/* Name of @rule in the file of reasons, NULL if it has none; owned by the session. Since: 0.2 */
const char *xdpdrop_rule_name(const struct xdpdrop *session, __u64 rule);

#ifdef __cplusplus
}
#endif

#endif
