// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What taps have in common: how a program must be loaded to be accepted by a foreign map.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "bpf/probe.h"
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
		return "; raise the limit of open files (ulimit -n)";
	case ENOMEM:
		return "; the kernel has no memory for it now";
	}
	return "";
}

struct program_type program_type(unsigned int number)
{
	static const __u32 attach_types[] = { 0, BPF_XDP, BPF_XDP_CPUMAP, BPF_XDP_DEVMAP };

	return (struct program_type){
		.attach_type = attach_types[number / PROGRAM_ROOT_TYPES * 2 + number % 2],
		.frags = number & 2,
	};
}

const char *program_type_name(struct program_type type)
{
	switch (type.attach_type) {
	case BPF_XDP:
		return "XDP";
	case BPF_XDP_CPUMAP:
		return "XDP_CPUMAP";
	case BPF_XDP_DEVMAP:
		return "XDP_DEVMAP";
	}
	return "0";
}

int program_type_set(struct bpf_program *program, struct program_type type)
{
	__u32 flags = bpf_program__flags(program) & ~BPF_F_XDP_HAS_FRAGS;
	int err = bpf_program__set_expected_attach_type(program, type.attach_type);

	return err   ?:
		       bpf_program__set_flags(program,
					      flags | (type.frags ? BPF_F_XDP_HAS_FRAGS : 0));
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
