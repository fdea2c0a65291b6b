// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The exit tap: attaches fexit programs to the members of a dispatcher, or to the single program,
 * and follows their changes.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "tap/denylist.h"
#include "tap/fexit.h"
#include "bpf/linearize.h"
#include "bpf/owner.h"
#include "bpf/probe.h"
#include "tap/unseen.h"
#include "xdp/wrapper.h"

/* Attempts to find a program that is not unloaded at once. */
#define ARM_LOOKS 5

struct tap_state {
	unsigned int count;
	struct fexit *points;
	struct denylist denied; /* ids of programs */
	int gathered_fd;	/* map for frames in fragments, or -1 */
	bool waiting;		/* the message that there is no program was logged */
};

/*
 * Does the program decide about received frames? The dispatcher itself does not, and the kernel
 * refuses to attach to it while a member replaces it.
 */
static bool exit_tap_is_target(const struct pipeline *pipeline,
			       const struct pipeline_program *program)
{
	if (program->entry[0])
		return true;
	return pipeline->dispatcher ? program->member : program->root;
}

static bool exit_tap_is_wanted(const struct tap_context *context,
			       const struct pipeline_program *program)
{
	return exit_tap_is_target(&context->pipeline, program) &&
	       pipeline_selects(context->opts->program, program->id, program->name);
}

/* fexit programs are not called for the wrapped program, which is tail-called. */
static int exit_tap_check_wrapper(const struct pipeline_program *root, char *why, size_t size)
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
	if (owner.alive)
		snprintf(why, size, "it is in use by the xdpdrop session with pid %u", owner.pid);
	else
		snprintf(why, size,
			 "it has the wrapper of a dead session (pid %u); clean that up first",
			 owner.pid);
	return owner.alive ? -EBUSY : -EOWNERDEAD;
}

static int exit_tap_check_root(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	const struct pipeline_program *root = pipeline_root(pipeline);

	if (!root) {
		snprintf(why, size, "no XDP program is attached to %s", pipeline->ifname);
		return -ENOENT;
	}
	if (pipeline->mode == XDP_ATTACHED_HW) {
		snprintf(why, size, "%s runs in the network device", root->name);
		return -EOPNOTSUPP;
	}
	if (!pipeline_is_whole(pipeline)) {
		unseen_explain_hidden(context, why, size);
		return -ENOENT;
	}
	return 0;
}

/* Explain why the selected program cannot be attached to. */
static int exit_tap_explain_none(const struct tap_context *context, char *why, size_t size)
{
	const struct pipeline *pipeline = &context->pipeline;
	const char *selector = context->opts->program;

	for (unsigned int i = 0; i < pipeline->program_count; i++) {
		const struct pipeline_program *program = &pipeline->programs[i], *speaker;

		speaker = pipeline_speaker(pipeline, program);
		if (!program->tail_called || !speaker ||
		    !pipeline_selects(selector, program->id, program->name))
			continue;
		snprintf(why, size,
			 "%s (id %u) is tail-called, which the kernel does not show to fexit "
			 "programs; its verdicts are those of %s (id %u), which tap exit can "
			 "follow",
			 program->name, program->id, speaker->name, speaker->id);
		return -EOPNOTSUPP;
	}
	snprintf(why, size, "no program on %s is %s", pipeline->ifname, selector);
	return -ENOENT;
}

static int exit_tap_check_targets(const struct tap_context *context, char *why, size_t size)
{
	unsigned int wanted = 0;

	for (unsigned int i = 0; i < context->pipeline.program_count; i++) {
		const struct pipeline_program *program = &context->pipeline.programs[i];
		int err;

		if (!exit_tap_is_wanted(context, program))
			continue;
		wanted++;
		err = fexit_check_btf(program->id);
		if (!err)
			continue;
		if (err == -ENOENT)
			snprintf(why, size,
				 "%s (id %u) was loaded without BTF (compile it with option -g)",
				 program->name, program->id);
		else
			snprintf(why, size, "the BTF of %s (id %u) cannot be read: %s",
				 program->name, program->id, strerror(-err));
		return err == -ENOENT ? -EOPNOTSUPP : err;
	}
	return wanted ? 0 : exit_tap_explain_none(context, why, size);
}

static int exit_tap_check(const struct tap_context *context, char *why, size_t size)
{
	int err = exit_tap_check_root(context, why, size);

	err = err ?: probe_need(FEATURE_TRAMPOLINE, why, size);
	err = err ?: probe_need(FEATURE_KERNEL_BTF, why, size);
	err = err ?: exit_tap_check_wrapper(pipeline_root(&context->pipeline), why, size);
	return err ?: exit_tap_check_targets(context, why, size);
}

static int exit_tap_open_point(struct tap_context *context, struct tap_state *state,
			       const struct pipeline_program *program, struct fexit *fexit)
{
	const struct xdpdrop_point info =
		tap_point(context, tap_exit.name, program->id, program->name);
	int point = points_add(context->points, &info, NULL), err;

	if (point < 0)
		return log_error(context->log, point,
				 "program %s (id %u) on %s is not followed: there is room for "
				 "%d hooks and programs",
				 program->name, program->id, context->pipeline.ifname,
				 XDPDROP_MAX_POINTS);
	*fexit = (struct fexit){ .point = point,
				 .missed_before = context->points->point[point].missed };
	err = fexit_attach(context, fexit, program, state->gathered_fd);
	if (err == -ESTALE)
		points_close(context->points, point);
	else if (err)
		points_refuse(context->points, point, err);
	return err;
}

/* -ESTALE: the program is gone, which the next read of the pipeline shows. */
static int exit_tap_add(struct tap_context *context, struct tap_state *state,
			const struct pipeline_program *program)
{
	struct fexit fexit;
	int err;

	if (!ARRAY_GROW(state->points, state->count))
		return log_error(context->log, -ENOMEM, "out of memory");
	err = exit_tap_open_point(context, state, program, &fexit);
	if (err)
		return err;
	state->points[state->count++] = fexit;
	log_info(context->log, "program %s (id %u) on %s is followed", program->name, program->id,
		 context->pipeline.ifname);
	if (program->tail_called)
		log_warn(context->log,
			 "program %s (id %u) is tail-called, too: then its verdicts count for the "
			 "program that called it",
			 program->name, program->id);
	return 0;
}

/* The first error of a program was logged. Later attempts are silent. */
static int exit_tap_try(struct tap_context *context, struct tap_state *state,
			const struct pipeline_program *program)
{
	bool again = denylist_find(&state->denied, program->id) != NULL;
	struct tap_context quiet = *context;
	int err;

	quiet.log = again ? NULL : context->log;
	err = exit_tap_add(&quiet, state, program);
	if (err == -ESTALE)
		return 0;
	if (err && !again)
		points_count_refused(context->points);
	if (err) {
		denylist_add(&state->denied, program->id, err);
		return err;
	}
	if (!again)
		return 0;
	denylist_remove(&state->denied, program->id);
	return 0;
}

static struct fexit *exit_tap_find_point(struct tap_state *state, __u32 id)
{
	for (unsigned int i = 0; i < state->count; i++)
		if (state->points[i].program_id == id)
			return &state->points[i];
	return NULL;
}

/* Which verdicts are final, and which devices count, for the programs that are attached to. */
static void exit_tap_update(struct tap_context *context, struct tap_state *state)
{
	const struct pipeline_program *last = pipeline_last_member(&context->pipeline);

	for (unsigned int i = 0; i < context->pipeline.program_count; i++) {
		const struct pipeline_program *program = &context->pipeline.programs[i];
		struct fexit *fexit = exit_tap_find_point(state, program->id);

		if (!fexit)
			continue;
		fexit_set_chain(fexit, program->chain, program == last);
		fexit_set_devices(context, fexit);
	}
}

/* Attach to new programs. Returns the first error. */
static int exit_tap_add_new(struct tap_context *context, struct tap_state *state)
{
	int first = 0;

	for (unsigned int i = 0; i < context->pipeline.program_count; i++) {
		const struct pipeline_program *program = &context->pipeline.programs[i];
		int err;

		if (exit_tap_find_point(state, program->id) ||
		    !exit_tap_is_wanted(context, program) ||
		    !denylist_allows(&state->denied, program->id))
			continue;
		if (interrupt_wanted(context->interrupt))
			return -EINTR;
		err = exit_tap_try(context, state, program);
		first = first ?: err;
	}
	return first;
}

static void exit_tap_count_missed(struct tap_context *context, const struct fexit *fexit)
{
	__u64 *missed = &context->points->point[fexit->point].missed;

	*missed = fexit_missed(fexit, *missed);
}

static void exit_tap_drop_point(struct tap_context *context, struct tap_state *state,
				unsigned int index)
{
	struct fexit *fexit = &state->points[index];

	exit_tap_count_missed(context, fexit);
	points_close(context->points, fexit->point);
	fexit_undo(fexit);
	fexit_close(fexit);
	memmove(fexit, fexit + 1, (--state->count - index) * sizeof(*fexit));
}

static void exit_tap_undo(struct tap_context *context, struct tap_state *state)
{
	for (unsigned int i = 0; i < state->count; i++) {
		exit_tap_count_missed(context, &state->points[i]);
		fexit_undo(&state->points[i]);
	}
}

static void exit_tap_close(struct tap_state *state)
{
	for (unsigned int i = 0; i < state->count; i++)
		fexit_close(&state->points[i]);
	state->count = 0;
	cleanup_fd(&state->gathered_fd);
}

static void exit_tap_keep(const struct tap_state *state, struct fd_list *list)
{
	for (unsigned int i = 0; i < state->count; i++)
		fexit_keep(&state->points[i], list);
	fd_list_add(list, state->gathered_fd);
}

static void exit_tap_free(struct tap_state *state)
{
	free(state->points);
	denylist_free(&state->denied);
}

/* Without the map, only the linear part of frames in fragments is recorded. */
static int exit_tap_prepare_fragments(const struct tap_context *context, struct tap_state *state)
{
	int fd;

	if (!probe(FEATURE_FRAGS))
		return 0;
	if (!probe(FEATURE_LINEARIZE)) {
		log_warn(context->log,
			 "tap exit cannot read the fragments of a frame: this kernel lacks what "
			 "that needs, or hides its addresses (CAP_SYSLOG, sysctl "
			 "kernel.kptr_restrict); only the linear part is captured, and a filter "
			 "that reads beyond it does not match");
		return 0;
	}
	fd = linearize_create(context->maps->cpus);
	if (fd < 0)
		return log_error(context->log, fd, "cannot create a map: %s", strerror(-fd));
	state->gathered_fd = fd;
	return 0;
}

/* Programs may be unloaded or replaced while the capture starts. */
static int exit_tap_arm_all(struct tap_context *context, struct tap_state *state)
{
	for (int look = 0; look < ARM_LOOKS; look++) {
		int err = exit_tap_add_new(context, state);

		if (err || state->count)
			return err;
		err = pipeline_read(&context->pipeline, NULL, context->pipeline.ifindex,
				    context->log);
		if (err)
			return err;
	}
	return log_error(context->log, -ESTALE,
			 "the programs of %s were unloaded by somebody else just now: nothing is "
			 "left to follow",
			 context->pipeline.ifname);
}

static int exit_tap_arm(struct tap_context *context, struct tap_state *state)
{
	int err;

	state->gathered_fd = -1;
	err = exit_tap_prepare_fragments(context, state);
	return err ? err : exit_tap_arm_all(context, state);
}

static bool exit_tap_in_pipeline(const void *data, __u32 id)
{
	return pipeline_find(data, id) != NULL;
}

static void exit_tap_drop_old(struct tap_context *context, struct tap_state *state)
{
	for (unsigned int i = state->count; i-- > 0;) {
		const struct fexit *fexit = &state->points[i];
		const struct xdpdrop_point *point = &context->points->point[fexit->point].info;
		const struct pipeline_program *program =
			pipeline_find(&context->pipeline, fexit->program_id);

		exit_tap_count_missed(context, fexit);
		if (program && exit_tap_is_target(&context->pipeline, program))
			continue;
		log_warn(context->log, "program %s (id %u) is no longer on %s", point->program,
			 point->program_id, point->ifname);
		exit_tap_drop_point(context, state, i);
	}
	denylist_prune(&state->denied, exit_tap_in_pipeline, &context->pipeline);
}

/* Of those that came after the first @before. */
static void exit_tap_announce(const struct tap_context *context, const struct tap_state *state,
			      unsigned int before)
{
	for (unsigned int i = before; i < state->count; i++) {
		const struct xdpdrop_point *point =
			&context->points->point[state->points[i].point].info;

		log_warn(context->log, "program %s (id %u) on %s is followed from now on",
			 point->program, point->program_id, point->ifname);
	}
}

static int exit_tap_resync(struct tap_context *context, struct tap_state *state)
{
	unsigned int before;

	/* what is attached stays attached */
	if (!pipeline_is_whole(&context->pipeline))
		return 0;
	exit_tap_update(context, state);
	exit_tap_drop_old(context, state);
	before = state->count;
	exit_tap_add_new(context, state);
	exit_tap_announce(context, state, before);
	if (!state->count && !state->waiting)
		log_warn(context->log, "there is no program to follow on %s; waiting for one",
			 context->pipeline.ifname);
	state->waiting = !state->count;
	return 0;
}

const struct tap tap_exit = {
	.name = "exit",
	.state_size = sizeof(struct tap_state),
	.check = exit_tap_check,
	.arm = exit_tap_arm,
	.resync = exit_tap_resync,
	.undo = exit_tap_undo,
	.close = exit_tap_close,
	.free = exit_tap_free,
	.keep = exit_tap_keep,
};
