/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A pcap-filter(7) expression, compiled by libpcap for frames of one link type, and translated to
 * eBPF.
 */
#ifndef XDPDROP_FILTER_FILTER_H
#define XDPDROP_FILTER_FILTER_H

#include <stdbool.h>

#include "filter/cbpf.h"
#include "base/log.h"

struct filter {
	struct sock_filter *program; /* owned; classic BPF */
	size_t count;
	bool optimized;
	struct cbpf_code code; /* owned; its translation */
};

/*
 * Compile for frames of @link_type, a LINKTYPE_ of pcap files, and translate. On success *@filter
 * is to be freed with filter_free(). An empty expression matches every frame. Errors, logged:
 * -EINVAL: the expression; -EOPNOTSUPP: a negative offset in it; -E2BIG; -ENOMEM.
 */
int filter_compile(struct filter *filter, const char *expression, bool optimize, __u16 link_type,
		   enum cbpf_loads loads, const struct log *log);

/*
 * Translate the same filter for programs that read the bytes in another way. Compiling a large
 * filter again would take seconds. Errors as above.
 */
int filter_convert(const struct filter *filter, enum cbpf_loads loads, struct filter *converted,
		   const struct log *log);

void filter_free(struct filter *filter);

/* Does a frame of @len bytes in this process, of which @caplen are at @data, match? */
bool filter_match(const struct filter *filter, const void *data, __u32 caplen, __u32 len);

struct bpf_program;

/*
 * Put the filter into a program that is opened and not yet loaded. Several programs can have the
 * same filter. Errors, logged: inject()'s.
 */
int filter_attach(const struct filter *filter, struct bpf_program *program, const struct log *log);

/*
 * The kernel refused with @error to load a program with the filter: log it if the filter's size can
 * be the reason. Returns @error.
 */
int filter_refused(const struct filter *filter, int error, const struct log *log);

/* Pass the classic program to @fn line by line, as tcpdump -d prints it. */
void filter_dump(const struct filter *filter, xdpdrop_line_fn fn, void *data);

/* A session's filter, for each way in which its programs read the bytes of a frame. */
struct filter_set {
	bool used; /* false: no filter, other fields unset */
	__u16 link_type;
	struct filter xdp, tracing;
};

/*
 * Compile @expression (NULL: no filter) for frames of @link_type, and replace @filters. Errors:
 * filter_compile()'s, logged.
 */
int filter_set_compile(struct filter_set *filters, const char *expression, bool optimize,
		       __u16 link_type, const struct log *log);

void filter_set_free(struct filter_set *filters);

#endif
