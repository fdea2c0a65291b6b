// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Functions for all taps.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/constants.h"
#include "tap/tap.h"

int tap_arm(const struct tap *tap, struct tap_context *context, struct tap_state **out)
{
	struct tap_state *state = calloc(1, tap->state_size);
	int err;

	if (!state)
		return log_error(context->log, -ENOMEM, "out of memory");
	err = tap->arm(context, state);
	if (!err) {
		*out = state;
		return 0;
	}
	tap->undo(context, state);
	tap->close(state);
	tap_free(tap, state);
	return err;
}

void tap_free(const struct tap *tap, struct tap_state *state)
{
	if (tap->free)
		tap->free(state);
	free(state);
}

struct xdpdrop_point tap_point(const struct tap_context *context, const char *tap, __u32 program_id,
			       const char *program)
{
	struct xdpdrop_point point = {
		.tap = tap,
		.ifindex = context->pipeline.ifindex,
		.link_type = context->pipeline.device.link_type,
		.program_id = program_id,
	};

	memcpy(point.ifname, context->pipeline.ifname, sizeof(point.ifname));
	snprintf(point.program, sizeof(point.program), "%s", program);
	return point;
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
		return "; the kernel is short of memory";
	}
	return "";
}

int tap_complete(const struct tap_context *context, struct bpf_program *program,
		 const struct xdpdrop_constants *constants, bool tracing)
{
	const struct filter_set *filters = context->filters;
	struct xdpdrop_constants all = *constants;
	int err;

	all.filtering = filters->used;
	err = constants_put(program, &all);
	if (err || !filters->used)
		return err;
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
