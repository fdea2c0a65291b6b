// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What taps have in common.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "tap/tap.h"

void tap_free(struct tap_state *state)
{
	free(state);
}

void tap_keep(const struct bpf_object *object, struct fd_list *list)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object) fd_list_add(list, bpf_program__fd(program));
	bpf_object__for_each_map(map, object) fd_list_add(list, bpf_map__fd(map));
	fd_list_add(list, bpf_object__btf_fd(object));
}

const char *tap_hint(int error)
{
	switch (-error) {
	case EMFILE:
	case ENFILE:
		return "; raise RLIMIT_NOFILE";
	case ENOMEM:
		return "; the kernel has no memory for it now";
	}
	return "";
}

int tap_filter(const struct tap_context *context, struct bpf_program *program, bool tracing)
{
	const struct filter_set *filters = context->filters;

	if (!filters->used)
		return 0;
	return filter_attach(tracing ? &filters->tracing : &filters->xdp, program, context->log);
}

bool tap_filter_refused(const struct tap_context *context, int error, bool tracing)
{
	const struct filter_set *filters = context->filters;

	if (!filters->used || (error != -E2BIG && error != -EFAULT))
		return false;
	filter_refused(tracing ? &filters->tracing : &filters->xdp, error, context->log);
	return true;
}
