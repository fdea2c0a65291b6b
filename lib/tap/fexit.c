// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Loads and attaches one fexit program. The link is never pinned: it ends with the process, and so
 * does its reference to the target program.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "tap/fexit.h"
#include "control.h"
#include "exit.skel.h"
#include "bpf/linearize.h"
#include "xdp/netns.h"
#include "bpf/probe.h"

/* The kernel's longest names have KSYM_NAME_LEN bytes. */
#define FUNCTION_SIZE 512

int fexit_check_btf(__u32 id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
	char function[FUNCTION_SIZE];

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return bpfinfo_function(fd, function, sizeof(function));
}

/* The target is set by name, because libbpf looks up the BTF id itself. */
static int fexit_set_target(struct bpf_program *program, int fd)
{
	char function[FUNCTION_SIZE];
	int err = bpfinfo_function(fd, function, sizeof(function));

	return err ?: bpf_program__set_attach_target(program, fd, function);
}

static int fexit_load_and_attach(const struct tap_context *context, struct fexit *fexit,
				 struct xdpdrop_exit_bpf *skeleton, int gathered_fd)
{
	CLEANUP_FD int target = bpf_prog_get_fd_by_id(fexit->program_id);
	struct xdpdrop_constants constants = capture_maps_constants(context->maps);
	int err;

	if (target < 0)
		return -errno;
	skeleton->rodata->actions = context->opts->actions;
	skeleton->rodata->point = fexit->point;
	skeleton->rodata->beside_hooks = context->combined;
	skeleton->rodata->ifindex = context->pipeline.ifindex;
	skeleton->rodata->netns = netns_inode();
	skeleton->rodata->reach =
		context->filters->used ? XDPDROP_MAX_CAPLEN : context->opts->snaplen;
	err = CAPTURE_MAPS_SHARE(context->maps, skeleton);
	if (gathered_fd >= 0)
		err = err ?: LINEARIZE_SHARE(gathered_fd, skeleton);
	err = err ?: tap_complete(context, skeleton->progs.xdpdrop_fexit, &constants, true);
	err = err ?: fexit_set_target(skeleton->progs.xdpdrop_fexit, target);
	err = err ?: xdpdrop_exit_bpf__load(skeleton);
	if (err)
		return err;
	fexit->link = bpf_program__attach_trace(skeleton->progs.xdpdrop_fexit);
	return fexit->link ? 0 : -errno;
}

static bool fexit_is_gone(__u32 id)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);

	return fd < 0 && errno == ENOENT;
}

int fexit_attach(const struct tap_context *context, struct fexit *fexit,
		 const struct pipeline_program *program, int gathered_fd)
{
	struct xdpdrop_exit_bpf *skeleton = xdpdrop_exit_bpf__open();
	int err = skeleton ? 0 : -errno;

	fexit->program_id = program->id;
	if (!err) {
		fexit->skeleton = skeleton;
		skeleton->bss->chain = program->chain;
		skeleton->bss->last = program == pipeline_last_member(&context->pipeline);
		fexit_set_devices(context, fexit);
		err = fexit_load_and_attach(context, fexit, skeleton, gathered_fd);
	}
	if (err) {
		xdpdrop_exit_bpf__destroy(skeleton);
		fexit->skeleton = NULL;
		if (fexit_is_gone(program->id))
			return -ESTALE;
		if (tap_filter_refused(context, err, true))
			return err;
		return log_error(context->log, err,
				 "cannot attach to the exit of program %s (id %u): %s%s",
				 program->name, program->id, strerror(-err), tap_hint(err));
	}
	return 0;
}

void fexit_set_chain(struct fexit *fexit, __u32 chain, bool last)
{
	fexit->skeleton->bss->chain = chain;
	fexit->skeleton->bss->last = last;
}

void fexit_set_devices(const struct tap_context *context, struct fexit *fexit)
{
	const struct lower_set *set = &context->pipeline.lower;

	for (unsigned int i = 0; i < set->count; i++)
		fexit->skeleton->bss->lower[i] = set->lower[i].ifindex;
	fexit->skeleton->bss->lower_count = set->count;
}

__u64 fexit_missed(const struct fexit *fexit, __u64 known)
{
	int fd = bpf_program__fd(fexit->skeleton->progs.xdpdrop_fexit);
	struct bpf_prog_info info;

	return bpfinfo_program(fd, &info, NULL) ? known :
						  fexit->missed_before + info.recursion_misses;
}

void fexit_undo(struct fexit *fexit)
{
	bpf_link__destroy(fexit->link);
	fexit->link = NULL;
}

void fexit_keep(const struct fexit *fexit, struct fd_list *list)
{
	fd_list_add(list, bpf_link__fd(fexit->link));
	tap_keep(fexit->skeleton->obj, list);
}

void fexit_close(struct fexit *fexit)
{
	fexit_undo(fexit);
	xdpdrop_exit_bpf__destroy(fexit->skeleton);
	fexit->skeleton = NULL;
}
