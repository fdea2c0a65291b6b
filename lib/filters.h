/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * A session's filter, once for each way in which its programs get at the bytes of a frame.
 */
#ifndef XDPDROP_FILTERS_H
#define XDPDROP_FILTERS_H

#include "filter.h"

struct filters {
	bool used; /* else there is no filter, and the others are not set */
	struct filter xdp, tracing;
};

/*
 * Compile @expression (NULL: no filter) into @filters, in place of what is there. Errors are
 * filter_compile()'s, logged.
 */
int filters_compile(struct filters *filters, const char *expression, bool optimize,
		    const struct log *log);

void filters_free(struct filters *filters);

#endif
