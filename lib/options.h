/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: what a capture takes, and how. Included by xdpdrop.h.
 */
#ifndef XDPDROP_OPTIONS_H
#define XDPDROP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct xdpdrop_output;

/*
 * In xdpdrop_opts.actions: capture the kernel's tracepoints for frames that XDP loses, as records
 * with XDPDROP_F_EXCEPTION; only for pcapng and handlers. Since: 0.1
 */
#define XDPDROP_EXCEPTIONS (1U << 31)

/* What to capture and how. Zero in a field means its default. Since: 0.1 */
struct xdpdrop_opts {
	size_t size;	      /* sizeof(struct xdpdrop_opts), for extension */
	const char *tap;      /* "auto" (default), "hook", "tag", "exit" or "wrap" */
	const char *hook_pin; /* path of a pinned PROG_ARRAY to use as the only hook */
	const char *program;  /* capture only this program: name or decimal id */
	/* file of lines "NUMBER NAME" or "NUMBER NAME sflow=CODE", read when activated */
	const char *reasons;
	__u32 actions;	    /* bit n: XDP action n; XDPDROP_EXCEPTIONS; default aborted, drop */
	__u32 snaplen;	    /* bytes of a frame, 1..XDPDROP_MAX_CAPLEN; default the most */
	__u32 buffer_kib;   /* per CPU, 256..1048576, rounded up to a power of 2; default by CPUs */
	bool untagged;	    /* also frames without a tag */
	bool no_optimize;   /* do not run libpcap's optimizer on the filter */
	const char *filter; /* pcap-filter(7) expression: capture only frames that match */
	/* names or numbers, separated by commas: capture only these reasons, or all but these */
	const char *only_reasons, *not_reasons;
	/* Limits on the frames that match. Frames beyond them are only counted. */
	__u32 sample;	    /* one in this many, 1..65535, at random; default 1, all */
	__u32 rate;	    /* most frames a second on each CPU, up to 10000000 */
	__u32 reason_rate;  /* most frames a second on each CPU for each capture point and reason */
	__u32 max_overhead; /* sample more to stay below, in 1/1000 percent of a CPU's time */
	const char *only_rules; /* like only_reasons: capture only these rules. Since: 0.2 */
	/*
	 * tap wrap: allow a BPF file system that may end with this container. If all processes in
	 * the container are killed at once, the interface passes every frame.
	 */
	bool unsafe_bpffs; /* Since: 0.2 */
	/*
	 * hook_pin: allow a map that neither its type nor its name marks as a hook. If it is
	 * another tail-call table, verdicts change.
	 */
	bool unsafe_hook; /* Since: 0.2 */
	/*
	 * Count each frame that matches by capture point and reason, and capture none. There are no
	 * rings and no records. The statistics count such frames as sampled_out. Excludes an
	 * output, a limit of records, and snaplen, buffer_kib, sample, rate, reason_rate and
	 * max_overhead. Implies count_matching.
	 */
	bool count_only; /* Since: 0.2 */
	/*
	 * xdpdrop_get_reasons() counts only frames that match filter, reasons and rules, and of the
	 * other ones none.
	 */
	bool count_matching; /* Since: 0.2 */
};

/* What is wrong with options. Since: 0.1 */
struct xdpdrop_opts_error {
	size_t size;	/* set by the caller to sizeof(struct xdpdrop_opts_error) */
	size_t field;	/* offset of the field in struct xdpdrop_opts */
	size_t other;	/* offset of the field that it contradicts; 0: its value is wrong */
	char text[256]; /* the reason, without field names; empty: the two exclude each other */
};

/*
 * Check the ranges and conflicts of @opts, also with @output (NULL: unknown), as xdpdrop_activate()
 * does. 0, or -EINVAL with the reason in *@error unless that is NULL. Since: 0.1
 */
int xdpdrop_check_opts(const struct xdpdrop_opts *opts, const struct xdpdrop_output *output,
		       struct xdpdrop_opts_error *error);

#ifdef __cplusplus
}
#endif

#endif
