/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A session's filter, once for each way in which its programs get at the bytes of a frame.
 */
#ifndef XDPDROP_FILTER_FILTER_SET_H
#define XDPDROP_FILTER_FILTER_SET_H

#include "filter/filter.h"

struct filter_set {
	bool used; /* else there is no filter, and the others are not set */
	__u16 link_type;
	struct filter xdp, tracing;
};

/*
 * Compile @expression (NULL: no filter) for frames of @link_type into @filters, in place of what is
 * there. Errors are filter_compile()'s, logged.
 */
int filter_set_compile(struct filter_set *filters, const char *expression, bool optimize,
		       __u16 link_type, const struct log *log);

void filter_set_free(struct filter_set *filters);

#endif
