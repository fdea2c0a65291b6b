// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions of filters for frames in memory.
 */
#include <errno.h>
#include <stdlib.h>

#include "api/session.h"
#include "filter/filter.h"
#include "replay.h"

#define FILTER_LINKTYPE_ETHERNET 1

struct xdpdrop_filter {
	struct filter filter;
};

int xdpdrop_filter_new(struct xdpdrop *session, const char *expression, struct xdpdrop_filter **out)
{
	struct xdpdrop_filter *filter = calloc(1, sizeof(*filter));
	int err =
		filter ? filter_compile(&filter->filter, expression, true, FILTER_LINKTYPE_ETHERNET,
					CBPF_LOADS_LINEAR, &session->log) :
			 -ENOMEM;

	if (err)
		free(filter);
	else
		*out = filter;
	return err;
}

bool xdpdrop_filter_match(const struct xdpdrop_filter *filter, const void *data, __u32 caplen,
			  __u32 len)
{
	return filter_match(&filter->filter, data, caplen, len);
}

void xdpdrop_filter_free(struct xdpdrop_filter *filter)
{
	if (!filter)
		return;
	filter_free(&filter->filter);
	free(filter);
}
