// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Knows which translation suits which kind of program on this kernel.
 */
#include "filter/filter_set.h"
#include "bpf/probe.h"

void filter_set_free(struct filter_set *filters)
{
	if (filters->used) {
		filter_free(&filters->xdp);
		filter_free(&filters->tracing);
	}
	filters->used = false;
}

int filter_set_compile(struct filter_set *filters, const char *expression, bool optimize,
		       __u16 link_type, const struct log *log)
{
	enum cbpf_loads xdp = probe(FEATURE_FRAGS) ? CBPF_LOADS_FRAGS : CBPF_LOADS_LINEAR;
	int err;

	filter_set_free(filters);
	if (!expression)
		return 0;
	filters->link_type = link_type;
	err = filter_compile(&filters->xdp, expression, optimize, link_type, xdp, log);
	if (err)
		return err;
	err = filter_convert(&filters->xdp, CBPF_LOADS_COPY, &filters->tracing, log);
	if (err)
		filter_free(&filters->xdp);
	filters->used = !err;
	return err;
}
