// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Whether the program of an interface can be wrapped, and why not. Changes nothing.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "bpf/owner.h"
#include "bpf/probe.h"
#include "process/privilege.h"
#include "tap/wrap_check.h"
#include "xdp/bpffs.h"
#include "xdp/pipeline_devices.h"
#include "xdp/wrapper.h"

static int wrap_check_wrapped(const struct pipeline_program *root, char *why, size_t size)
{
	struct owner owner;
	int err = wrapper_owner(root->id, &owner);

	if (!err || err == -ENOENT)
		return 0;
	if (err < 0) {
		snprintf(why, size, "cannot look at %s (id %u): %s", root->name, root->id,
			 strerror(-err));
		return err;
	}
	if (wrapper_is_empty(root->id)) {
		snprintf(why, size,
			 "the wrapper of a session (pid %u) has lost its program; load the "
			 "program again",
			 owner.pid);
		return -ESTALE;
	}
	if (!owner.alive)
		return 0;
	snprintf(why, size, "it is in use by the xdpdrop session with pid %u", owner.pid);
	return -EBUSY;
}

/* Explain why the selected program cannot be wrapped. */
static int wrap_check_explain_other(const struct tap_context *context,
				    const struct pipeline_program *root, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];

		if (!pipeline_selects(context->opts->program, program->id, program->name))
			continue;
		if (pipeline_speaker(pipeline, program) != root)
			snprintf(why, size,
				 "%s (id %u) runs after a redirect, in %s, which the wrapper of %s "
				 "does not see; tap exit does, and tap hook if it has a hook",
				 program->name, program->id, program->entry, root->name);
		else
			snprintf(why, size,
				 "%s (id %u) is tail-called; its verdicts are those of %s (id %u), "
				 "which tap wrap can capture",
				 program->name, program->id, root->name, root->id);
		return -ENOENT;
	}
	snprintf(why, size, "the program on %s is %s (id %u), not %s", pipeline->ifname, root->name,
		 root->id, context->opts->program);
	return -ENOENT;
}

/*
 * libxdp looks for this program on the interface when it adds a socket, and when it removes the
 * program with the last socket. It would not recognise the wrapper.
 */
static int wrap_check_sockets(const struct pipeline_program *root, char *why, size_t size)
{
	if (strcmp(root->name, "xsk_def_prog") != 0)
		return 0;
	snprintf(why, size,
		 "%s is libxdp's program for AF_XDP sockets, which drops nothing: "
		 "with a wrapper libxdp could neither add nor remove sockets; tap "
		 "exit can follow it, or a hook in a program of your own",
		 root->name);
	return -EOPNOTSUPP;
}

static int wrap_check_target(const struct pipeline_program *root, char *why, size_t size)
{
	CLEANUP_FD int fd = bpf_prog_get_fd_by_id(root->id);
	int err = fd < 0 ? -errno : bpfinfo_try_tail_call(fd);

	if (err == -EINVAL)
		snprintf(why, size,
			 "%s (id %u) is device-bound: loaded for one network device, and "
			 "the kernel refuses tail calls to it",
			 root->name, root->id);
	else if (err)
		snprintf(why, size, "the kernel refuses tail calls to %s (id %u): %s", root->name,
			 root->id, strerror(-err));
	return err;
}

/* Replace the program by itself: nothing changes, but the kernel refuses it like any change. */
static int wrap_check_above(const struct pipeline *pipeline, char *why, size_t size)
{
	CLEANUP_FD int root = bpf_prog_get_fd_by_id(pipeline->root_id);
	struct attachment attachment;
	char blocked[256];

	if (!root_slot_explain_blocked(pipeline->ifindex, blocked, sizeof(blocked)) || root < 0 ||
	    attachment_find(&attachment, pipeline->ifindex, pipeline->root_id) ||
	    attachment_swap(&attachment, root, root) != -EEXIST)
		return 0;
	snprintf(why, size, "%s", blocked);
	return -EEXIST;
}

int wrap_check(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *root = pipeline_root(pipeline);
	int err;

	if (!root) {
		snprintf(why, size, "no XDP program is attached to %s", pipeline->ifname);
		return -ENOENT;
	}
	if (pipeline_is_lower(pipeline)) {
		snprintf(why, size,
			 "%s is attached to %s, and the wrapper would be, too: name that one",
			 root->name, pipeline->root_ifname);
		return -EOPNOTSUPP;
	}
	if (pipeline->dispatcher) {
		snprintf(why, size,
			 "%s is libxdp's dispatcher: the kernel refuses tail calls to a "
			 "program with extensions",
			 root->name);
		return -EOPNOTSUPP;
	}
	if (pipeline->mode != XDP_ATTACHED_DRV && pipeline->mode != XDP_ATTACHED_SKB) {
		snprintf(why, size,
			 "%s is attached in mode: %s; only native and generic programs can "
			 "be wrapped",
			 root->name, pipeline_mode_name(pipeline->mode));
		return -EOPNOTSUPP;
	}
	if (!pipeline_selects(context->opts->program, root->id, root->name))
		return wrap_check_explain_other(context, root, why, size);
	if (!probe(FEATURE_SUBPROG_TAIL_CALL)) {
		snprintf(why, size, "this kernel has no %s (x86-64 since 5.10, arm64 since 6.0)",
			 probe_describe(FEATURE_SUBPROG_TAIL_CALL));
		return -EOPNOTSUPP;
	}
	err = wrap_check_wrapped(root, why, size);
	if (!err)
		err = wrap_check_sockets(root, why, size);
	if (!err)
		err = wrap_check_target(root, why, size);
	if (!err)
		err = bpffs_check(context->opts->unsafe_bpffs, context->log, why, size);
	if (!err)
		err = privilege_check_attach(why, size);
	return err ?: wrap_check_above(pipeline, why, size);
}
