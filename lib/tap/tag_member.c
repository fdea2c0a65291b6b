// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Places the tag member. One of its maps names its capture: so a later run finds out whose it was.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/bpfinfo.h"
#include "xdp/dispatcher.h"
#include "tap/tag_member.h"
#include "tap/tag_place.h"
#include "process/privilege.h"
#include "bpf/probe.h"
#include "tap/unseen.h"
#include "tag.skel.h"

/* The program that the tag member is to run before. */
static const struct pipeline_program *tag_member_find_target(const struct tap_context *context)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *target = NULL;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i];

		if (program->member && !program->tags &&
		    pipeline_selects(context->opts->program, program->id, program->name))
			target = program;
	}
	return target;
}

static int tag_member_find_gap(const struct tap_context *context,
			       const struct pipeline_program *target, struct dispatcher_gap *gap,
			       char *why, size_t size)
{
	int err = dispatcher_find_gap(context->pipeline.root_ifindex, MEMBER_NAME, target->id, gap);
	char hint[LOG_HINT_SIZE];

	if (err == -ENOSPC)
		snprintf(why, size,
			 "no run priority leads directly before %s (id %u): load it with a "
			 "higher one than the program before it has",
			 target->name, target->id);
	else if (err)
		snprintf(why, size,
			 "libxdp cannot read the dispatcher (%s): if its pins are in another BPF "
			 "file system, start from the mount namespace in which the members were "
			 "loaded%s, or set LIBXDP_BPFFS to where it is mounted",
			 strerror(-err),
			 log_hint(context->log, XDPDROP_HINT_OTHER_MOUNTS, NULL, hint,
				  sizeof(hint)));
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
			 "tagging program and the dropping program through libxdp",
			 context->pipeline.ifname);
		return -ENOENT;
	}
	if (!pipeline_is_whole(&context->pipeline)) {
		unseen_explain_hidden(context, why, size);
		return -ENOENT;
	}
	if (!target) {
		snprintf(why, size, "there is no program %s in the dispatcher on %s",
			 context->opts->program ?: "but tag members", context->pipeline.ifname);
		return -ENOENT;
	}
	if (!context->opts->untagged && !tag_place_before(&context->pipeline, target->id)) {
		snprintf(why, size,
			 "no program runs before %s (id %u), the one to place a tag member before: "
			 "nothing can have tagged a frame by then",
			 target->name, target->id);
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

bool tag_member_is_due(const struct tap_context *context, const struct tag_member *member)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *target = tag_member_find_target(context);
	char why[512];

	if (!member->placed.id || pipeline_find(pipeline, member->placed.id) ||
	    pipeline_find(pipeline, member->before_id))
		return false;
	return target && !strcmp(target->name, member->before) &&
	       !tag_member_check(context, why, sizeof(why));
}

static int tag_member_attach(const struct tap_context *context, struct tag_member *member,
			     struct xdp_program *program, const struct dispatcher_gap *gap)
{
	int err = xdp_program__set_run_prio(program, gap->prio);

	dispatcher_set_frags(program);
	err = err ?: dispatcher_attach(program, member->placed.ifindex, gap->mode);
	if (err)
		return log_error(context->log, err, "cannot place a tag member before %s on %s: %s",
				 member->before, context->pipeline.ifname, strerror(-err));
	member->placed.id = xdp_program__id(program);
	return 0;
}

static int tag_member_load_and_attach(const struct tap_context *context, struct tag_member *member,
				      const struct dispatcher_gap *gap, int *table)
{
	struct xdpdrop_tag_bpf *skeleton = xdpdrop_tag_bpf__open();
	struct xdp_program_opts source = { .sz = sizeof(source), .prog_name = MEMBER_NAME };
	struct xdp_program *program;
	int err;

	if (!skeleton)
		return log_error(context->log, -errno, "cannot open the tag member: %s",
				 strerror(errno));
	source.obj = skeleton->obj;
	err = bpf_map__reuse_fd(skeleton->maps.xdpdrop_owner, context->maps->owner_fd);
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

/* The kernel has not numbered it yet, so that it stands there by its owner's map. */
static int tag_member_record(const struct tap_context *context, struct tag_member *member)
{
	const struct journal_record record = { .kind = JOURNAL_MEMBER, .member = member->placed };

	return watchdog_write(context->watchdog, &member->record, &record);
}

int tag_member_place(const struct tap_context *context, struct tag_member *member, int *table)
{
	const struct pipeline_program *before;
	struct bpf_map_info owner;
	struct dispatcher_gap gap;
	char why[512];
	int err = tag_member_find_place(context, &before, &gap, why, sizeof(why));

	if (err)
		return log_error(context->log, err, "cannot place a tag member: %s", why);
	err = bpfinfo_map(context->maps->owner_fd, &owner);
	if (err)
		return log_error(context->log, err, "cannot read the id of the owner's map: %s",
				 strerror(-err));
	*member = (struct tag_member){ .placed = { .ifindex = context->pipeline.root_ifindex,
						   .owner_id = owner.id },
				       .before_id = before->id };
	memcpy(member->before, before->name, sizeof(member->before));
	err = tag_member_record(context, member);
	if (err)
		return log_error(context->log, err, "cannot write to the journal: %s",
				 strerror(-err));
	err = tag_member_load_and_attach(context, member, &gap, table);
	if (!err)
		log_info(context->log,
			 "%s: placed tag member %s (id %u, run priority %u) before %s",
			 context->pipeline.ifname, MEMBER_NAME, member->placed.id, gap.prio,
			 member->before);
	return err;
}

void tag_member_undo(const struct tap_context *context, struct tag_member *member)
{
	if (member->record)
		member_undo(&member->placed, context->log);
	watchdog_withdraw(context->watchdog, &member->record);
}
