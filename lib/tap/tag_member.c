// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Places and removes the tag member. It is signed by the capture's control page, one of its
 * maps: so a later run can tell whose it was.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "xdp/dispatcher.h"
#include "tap/tag_member.h"
#include "xdp/netns.h"
#include "bpf/owner.h"
#include "process/privilege.h"
#include "bpf/probe.h"
#include "tag.skel.h"

#define NAME "xdpdrop_tag_tap"

/* The program that the tag member is to run before. */
static const struct pipeline_program *tag_member_find_target(const struct tap_context *context)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *target = NULL;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];

		if (program->member &&
		    pipeline_selects(context->opts->program, program->id, program->name))
			target = program;
	}
	return target;
}

static int tag_member_find_gap(const struct tap_context *context,
			       const struct pipeline_program *target, struct dispatcher_gap *gap,
			       char *why, size_t size)
{
	int err = dispatcher_find_gap(context->pipeline.ifindex, NAME, target->id, gap);

	if (err == -ENOSPC)
		snprintf(why, size,
			 "no run priority leads directly before %s (id %u): load it with a "
			 "higher one than the program before it has",
			 target->name, target->id);
	else if (err)
		snprintf(why, size,
			 "libxdp cannot read the dispatcher (%s): if its pins are in another BPF "
			 "file system, capture from the mount namespace in which the members were "
			 "loaded (nsenter --mount=/proc/PID/ns/mnt), or set LIBXDP_BPFFS to where "
			 "it is mounted",
			 strerror(-err));
	return err;
}

/* Where a member can go, and all that it takes to put it there; errors as of tag_member_check(). */
static int tag_member_find_place(const struct tap_context *context,
				 const struct pipeline_program **before, struct dispatcher_gap *gap,
				 char *why, size_t size)
{
	const struct pipeline_program *target = tag_member_find_target(context);

	*before = target;
	if (!context->pipeline.dispatcher) {
		snprintf(why, size,
			 "%s has no dispatcher of libxdp to put a tag member into; load the "
			 "programs that tag and drop with xdp-loader",
			 context->pipeline.ifname);
		return -ENOENT;
	}
	if (!pipeline_is_whole(&context->pipeline)) {
		pipeline_explain_hidden(&context->pipeline, why, size);
		return -ENOENT;
	}
	if (!target) {
		snprintf(why, size, "there is no program %s in the dispatcher on %s",
			 context->opts->program ?: "", context->pipeline.ifname);
		return -ENOENT;
	}
	if (!probe(FEATURE_MEMBER_TAIL_CALL)) {
		snprintf(why, size,
			 "this kernel refuses %s, as the tag member has, when libxdp is older "
			 "than 1.5.5",
			 probe_describe(FEATURE_MEMBER_TAIL_CALL));
		return -EOPNOTSUPP;
	}
	return tag_member_find_gap(context, target, gap, why, size) ?:
		       privilege_check_attach(why, size);
}

int tag_member_check(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline_program *before;
	struct dispatcher_gap gap;

	return tag_member_find_place(context, &before, &gap, why, size);
}

static int tag_member_attach(const struct tap_context *context, struct tag_member *member,
			     struct xdp_program *program, const struct dispatcher_gap *gap)
{
	int err = xdp_program__set_run_prio(program, gap->prio);

	dispatcher_set_frags(program);
	err = err ?: dispatcher_attach(program, member->ifindex, gap->mode);
	if (err)
		return log_error(context->log, err,
				 "cannot place a tag member before %s on %s: %s; -vv shows what "
				 "libxdp said",
				 member->before, context->pipeline.ifname, strerror(-err));
	member->id = xdp_program__id(program);
	return 0;
}

static int tag_member_load_and_attach(const struct tap_context *context, struct tag_member *member,
				      const struct dispatcher_gap *gap, int *table)
{
	struct xdpdrop_tag_bpf *skeleton = xdpdrop_tag_bpf__open();
	struct xdp_program_opts source = { .sz = sizeof(source), .prog_name = NAME };
	struct xdp_program *program;
	int err;

	if (!skeleton)
		return log_error(context->log, -errno, "cannot open the tag member: %s",
				 strerror(errno));
	source.obj = skeleton->obj;
	err = bpf_map__reuse_fd(skeleton->maps.xdpdrop_control, context->maps->control_fd);
	program = err ? NULL : xdp_program__create(&source);
	err = err ?: libxdp_get_error(program);
	if (err) {
		log_error(context->log, err, "libxdp does not take the tag member: %s",
			  strerror(-err));
	} else {
		err = tag_member_attach(context, member, program, gap);
		if (!err)
			*table = fcntl(bpf_map__fd(skeleton->maps.xdpdrop_tags), F_DUPFD_CLOEXEC,
				       STDERR_FILENO + 1);
		xdp_program__close(program);
	}
	xdpdrop_tag_bpf__destroy(skeleton);
	return err;
}

int tag_member_place(const struct tap_context *context, struct tag_member *member, int *table)
{
	const struct pipeline_program *before;
	struct dispatcher_gap gap;
	char why[512];
	int err = tag_member_find_place(context, &before, &gap, why, sizeof(why));

	if (err)
		return log_error(context->log, err, "cannot place a tag member: %s", why);
	*member = (struct tag_member){ .ifindex = context->pipeline.ifindex };
	memcpy(member->before, before->name, sizeof(member->before));
	err = tag_member_load_and_attach(context, member, &gap, table);
	if (!err)
		log_info(context->log,
			 "%s: placed tag member %s (id %u, run priority %u) before %s",
			 context->pipeline.ifname, NAME, member->id, gap.prio, member->before);
	return err;
}

/* A netns_fn. libxdp finds a dispatcher by its interface's number, which a move rarely changes. */
static int tag_member_detach_here(void *data)
{
	const struct tag_member *member = data;

	return dispatcher_detach(member->ifindex, member->id);
}

void tag_member_undo(struct tag_member *member, const struct log *log)
{
	char name[IF_NAMESIZE];
	int err = member->id ? tag_member_detach_here(member) : -ENOENT;

	/* an interface that changes its network namespace keeps its dispatcher */
	if (err && member->id && !if_indextoname(member->ifindex, name))
		err = netns_search(tag_member_detach_here, member);
	if (!err)
		log_info(log, "removed tag member (id %u)", member->id);
	else if (err != -ENOENT && err != -ENODEV)
		log_error(log, err,
			  "cannot remove the tag member (id %u) from interface index %u: %s; it "
			  "passes every frame on, xdpdrop-loader clean tries again",
			  member->id, member->ifindex, strerror(-err));
	member->id = 0;
}

int tag_member_clean(__u32 ifindex, const struct pipeline_program *program, __u32 *pid,
		     const struct log *log)
{
	struct owner owner;
	int err;

	if (strcmp(program->name, NAME) || owner_of(program->id, &owner) || owner.alive)
		return 0;
	*pid = owner.pid;
	err = dispatcher_detach(ifindex, program->id);
	/* its watchdog was faster */
	if (err == -ENOENT)
		return 0;
	if (err)
		return log_error(log, err,
				 "cannot remove the tag member (id %u) that a dead capture (pid "
				 "%u) left: %s",
				 program->id, owner.pid, strerror(-err));
	return 1;
}
