// SPDX-License-Identifier: LGPL-2.1-only
#include "tap/hook_program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "bpf/frame_netns.h"
#include "bpf/probe.h"
#include "control.h"
#include "capture.skel.h"
#include "xdp/netns.h"

/* On Linux 5.10 a hook of a dispatcher member accepts only extensions of that dispatcher. */
static int hook_program_set_extension(struct bpf_program *program,
				      const struct tap_context *context, int *dispatcher)
{
	int err;

	*dispatcher = bpf_prog_get_fd_by_id(context->pipeline.root_id);
	if (*dispatcher < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	err = bpf_program__set_type(program, BPF_PROG_TYPE_EXT);
	return err ?: bpf_program__set_attach_target(program, *dispatcher, "prog0");
}

/* Objects built with hook.h before 0.2 have only a reason in the map, and no rule. */
static bool hook_program_has_rules(int cell)
{
	struct bpf_map_info info;

	return cell >= 0 && !bpfinfo_map(cell, &info) &&
	       info.value_size == sizeof(struct xdpdrop_why);
}

int hook_program_open_cell(const struct hook *hook, int *cell)
{
	int fd = hook->info.cell_id ? bpf_map_get_fd_by_id(hook->info.cell_id) : -1;

	if (hook->info.cell_id && fd < 0 && errno != EPERM)
		return errno == ENOENT ? -ESTALE : -errno;
	*cell = fd;
	return 0;
}

/*
 * Find the numbers of reasons in this hook's enum. If it has none of the names, no frame is
 * selected.
 */
static void hook_program_find_reasons(const struct tap_context *context, struct hook *hook)
{
	const struct point *point = &context->points->point[hook->point];
	const char *list = context->opts->only_reasons ?: context->opts->not_reasons;
	char whose[128];

	snprintf(whose, sizeof(whose), "program %s (id %u) on %s", point->info.program,
		 point->info.program_id, point->info.ifname);
	hook->reason_count = list ? reasons_numbers(&point->reasons, list, hook->reasons,
						    XDPDROP_MAX_REASONS, whose, context->log) :
				    0;
}

/* options_check() has verified that each is a number or a known name. */
static void hook_program_find_rules(const struct tap_context *context, struct hook *hook)
{
	CLEANUP_FREE char *copy =
		context->opts->only_rules ? strdup(context->opts->only_rules) : NULL;
	char *rest = copy, *name;

	CLEANUP_FD int cell =
		copy && hook->info.cell_id ? bpf_map_get_fd_by_id(hook->info.cell_id) : -1;

	hook->rule_count = 0;
	if (copy && !hook_program_has_rules(cell))
		log_warn(context->log,
			 "program %s (id %u) on %s passes no rules: none of its frames is "
			 "taken while rules are selected",
			 context->points->point[hook->point].info.program, hook->info.program_id,
			 context->pipeline.ifname);
	while (copy && (name = strsep(&rest, ",")) && hook->rule_count < XDPDROP_MAX_RULES)
		if (reasons_number(&context->points->rules, name, UINT64_MAX,
				   &hook->rules[hook->rule_count]))
			hook->rule_count++;
}

static void hook_program_set_rules(const struct hook *hook, struct xdpdrop_capture_bpf *skeleton)
{
	memcpy(skeleton->rodata->rules, hook->rules, hook->rule_count * sizeof(hook->rules[0]));
	skeleton->rodata->rule_count = hook->rule_count;
}

static void hook_program_set_reasons(const struct hook *hook, struct xdpdrop_capture_bpf *skeleton)
{
	memcpy(skeleton->rodata->reasons, hook->reasons,
	       hook->reason_count * sizeof(hook->reasons[0]));
	skeleton->rodata->reason_count = hook->reason_count;
}

static int hook_program_set_netns(struct xdpdrop_capture_bpf *skeleton)
{
	return frame_netns_works() ? frame_netns_inject(skeleton->progs.xdpdrop_capture) : 0;
}

struct xdpdrop_constants hook_program_constants(const struct tap_context *context,
						const struct hook *hook, __u32 slot,
						struct program_type type, int cell)
{
	struct xdpdrop_constants constants = capture_maps_constants(context->maps);
	const struct xdpdrop_opts *opts = context->opts;

	constants.action = hook->info.tag ? XDP_DROP : slot;
	constants.verdict = hook->info.tag ? XDP_PASS : slot;
	constants.slot = slot;
	constants.netns = netns_inode();
	constants.tagged = hook->info.tag;
	constants.has_rules = hook_program_has_rules(cell);
	constants.filtering = context->filters->used;
	constants.reasons_chosen = opts->only_reasons || opts->not_reasons;
	constants.reasons_unwanted = opts->not_reasons != NULL;
	constants.rules_chosen = opts->only_rules != NULL;
	constants.beside_exits = context->tag_hooks && probe(FEATURE_TRAMPOLINE);
	/*
	 * Reading the length of a frame in fragments takes a helper call. An extension inherits
	 * frags support from its dispatcher.
	 */
	constants.has_frags = type.frags || (!type.attach_type && probe(FEATURE_FRAGS));
	return constants;
}

static int hook_program_set(const struct tap_context *context, const struct hook *hook,
			    struct program_type type, int cell,
			    struct xdpdrop_capture_bpf *skeleton)
{
	int err = hook_program_set_netns(skeleton);

	skeleton->rodata->replayed_point = hook->point;
	hook_program_set_reasons(hook, skeleton);
	hook_program_set_rules(hook, skeleton);
	err = err ?: CAPTURE_MAPS_SHARE(context->maps, skeleton);
	err = err ?: bpf_map__reuse_fd(skeleton->maps.data_ifaces, hook->ifaces_fd);
	err = err ?: bpf_map__reuse_fd(skeleton->maps.xdpdrop_next, hook->chain.next_fd);
	if (!err && cell >= 0)
		err = bpf_map__reuse_fd(skeleton->maps.xdpdrop_reason, cell);
	return err ?: program_type_set(skeleton->progs.xdpdrop_capture, type);
}

int hook_program_open(const struct tap_context *context, const struct hook *hook,
		      struct program_type type, int cell, struct xdpdrop_capture_bpf **skeleton)
{
	struct xdpdrop_capture_bpf *opened = xdpdrop_capture_bpf__open();
	int err;

	if (!opened)
		return -errno;
	err = hook_program_set(context, hook, type, cell, opened);
	if (err)
		xdpdrop_capture_bpf__destroy(opened);
	else
		*skeleton = opened;
	return err;
}

static int hook_program_load_object(const struct tap_context *context, const struct hook *hook,
				    struct xdpdrop_capture_bpf *skeleton,
				    const struct xdpdrop_constants *constants)
{
	struct bpf_program *program = skeleton->progs.xdpdrop_capture;
	int err = tap_complete(context, program, constants, false), fd;
	CLEANUP_FD int dispatcher = -1;

	if (!err && hook->extension)
		err = hook_program_set_extension(program, context, &dispatcher);
	err = err ?: xdpdrop_capture_bpf__load(skeleton);
	if (err)
		return err;
	fd = dup(bpf_program__fd(program));
	return fd < 0 ? -errno : fd;
}

int hook_program_load(const struct tap_context *context, const struct hook *hook, __u32 slot,
		      struct program_type type)
{
	struct xdpdrop_capture_bpf *skeleton;
	struct xdpdrop_constants constants;
	CLEANUP_FD int cell = -1;
	int fd = hook_program_open_cell(hook, &cell);

	fd = fd ?: hook_program_open(context, hook, type, cell, &skeleton);
	if (fd)
		return fd;
	constants = hook_program_constants(context, hook, slot, type, cell);
	fd = hook_program_load_object(context, hook, skeleton, &constants);
	xdpdrop_capture_bpf__destroy(skeleton);
	return fd;
}

void hook_program_choose(const struct tap_context *context, struct hook *hook)
{
	hook_program_find_reasons(context, hook);
	hook_program_find_rules(context, hook);
}
