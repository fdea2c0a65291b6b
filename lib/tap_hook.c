// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The hook tap: arms every hook of the interface's programs, or the one pinned hook that the
 * user named, and follows programs that come and go.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpfinfo.h"
#include "cleanup.h"
#include "hook.h"
#include "lock.h"

struct tap_state {
	unsigned int count;
	struct hook hooks[PIPELINE_MAX_HOOKS];
	unsigned int refused_count;
	__u32 refused[PIPELINE_MAX_HOOKS]; /* map ids that were tried and could not be armed */
	bool waiting;			   /* said that there is no hook now */
};

static void program_name(__u32 id, char *name, size_t size)
{
	if (id)
		bpfinfo_name_by_id(id, name, size);
	else
		snprintf(name, size, "<unknown>");
}

static bool is_selected(const struct tap_context *context, const struct pipeline_hook *hook)
{
	char name[64];

	program_name(hook->program_id, name, sizeof(name));
	return pipeline_selects(context->opts->program, hook->program_id, name);
}

static unsigned int count_selected(const struct tap_context *context)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < context->pipeline.hook_count; i++)
		count += is_selected(context, &context->pipeline.hooks[i]);
	return count;
}

/* Any loaded program that uses @hook's map, and the cell in which it leaves reasons. */
static void find_user(struct pipeline_hook *hook)
{
	__u32 id = 0, maps[BPFINFO_MAX_MAPS];

	while (!hook->program_id && !bpf_prog_get_next_id(id, &id)) {
		CLEANUP_FD int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info;

		if (fd >= 0 && !bpfinfo_program(fd, &info, maps))
			pipeline_hook_use(hook, id, maps, info.nr_map_ids);
	}
}

static int open_pin(const struct tap_context *context, struct pipeline_hook *hook)
{
	const char *path = context->opts->hook_pin;
	CLEANUP_FD int fd = bpf_obj_get(path);
	int err = fd < 0 ? -errno : pipeline_read_hook(fd, true, hook);

	if (err == -ENOENT && fd >= 0)
		return log_error(context->log, -EINVAL,
				 "%s is no hook: a hook is a PROG_ARRAY with a "
				 "slot for each XDP action",
				 path);
	if (err)
		return log_error(context->log, err, "cannot open the pinned hook %s: %s", path,
				 strerror(-err));
	find_user(hook);
	return take_fd(&fd);
}

static int check(const struct tap_context *context, char *why, size_t size)
{
	if (context->opts->hook_pin || count_selected(context))
		return 0;
	if (context->pipeline.hook_count)
		snprintf(why, size, "no program named %s on %s has a hook", context->opts->program,
			 context->pipeline.ifname);
	else
		snprintf(why, size, "no program on %s has a hook (see xdpdrop-hook(7))",
			 context->pipeline.ifname);
	return -ENOENT;
}

static void read_reasons(const struct tap_context *context, int map_fd, struct reasons *reasons)
{
	struct bpf_map_info info;
	struct btf *btf = NULL;

	if (!bpfinfo_map(map_fd, &info) && info.btf_id)
		btf = btf__load_from_kernel_by_id(info.btf_id);
	if (btf)
		reasons_read_btf(reasons, btf, info.btf_value_type_id);
	btf__free(btf);
	if (context->opts->reasons)
		reasons_read_file(reasons, context->opts->reasons, context->log);
}

static int add_site(const struct tap_context *context, const struct hook *hook)
{
	struct reasons reasons = { 0 };
	struct xdpdrop_site site = {
		.tap = tap_hook.name,
		.ifindex = context->pipeline.ifindex,
		.program_id = hook->info.program_id,
		.hook_id = hook->info.map_id,
	};

	memcpy(site.ifname, context->pipeline.ifname, sizeof(site.ifname));
	memcpy(site.hook, hook->info.name, sizeof(site.hook));
	program_name(site.program_id, site.program, sizeof(site.program));
	read_reasons(context, hook->map_fd, &reasons);
	return sites_add(context->sites, &site, &reasons);
}

/* Takes @map_fd. */
static int add(struct tap_context *context, struct tap_state *state,
	       const struct pipeline_hook *info, int map_fd)
{
	struct hook *hook = &state->hooks[state->count];
	int site, err;

	if (state->count == PIPELINE_MAX_HOOKS) {
		close(map_fd);
		return log_error(context->log, -ENOSPC, "more than %d hooks at once",
				 PIPELINE_MAX_HOOKS);
	}
	*hook = (struct hook){ .info = *info, .map_fd = map_fd };
	site = add_site(context, hook);
	if (site < 0) {
		close(map_fd);
		return log_error(context->log, site,
				 "hook %s not captured: more than %d hooks and "
				 "programs in one capture",
				 info->name, XDPDROP_MAX_SITES);
	}
	hook->site = site;
	err = hook_arm(context, hook);
	if (err) {
		context->sites->site[site].info.gone = true;
		close(map_fd);
		return err;
	}
	state->count++;
	return 0;
}

static bool is_known(const struct tap_state *state, __u32 map_id)
{
	for (unsigned int i = 0; i < state->count; i++)
		if (state->hooks[i].info.map_id == map_id)
			return true;
	for (unsigned int i = 0; i < state->refused_count; i++)
		if (state->refused[i] == map_id)
			return true;
	return false;
}

static void refuse(struct tap_state *state, __u32 map_id)
{
	if (state->refused_count < PIPELINE_MAX_HOOKS)
		state->refused[state->refused_count++] = map_id;
}

/* Arm what the pipeline has and we have not; the first error. */
static int add_new(struct tap_context *context, struct tap_state *state)
{
	int first = 0;

	for (unsigned int i = 0; i < context->pipeline.hook_count; i++) {
		const struct pipeline_hook *hook = &context->pipeline.hooks[i];
		int fd, err;

		if (is_known(state, hook->map_id) || !is_selected(context, hook))
			continue;
		fd = bpf_map_get_fd_by_id(hook->map_id);
		err = fd < 0 ? -errno : add(context, state, hook, fd);
		if (err)
			refuse(state, hook->map_id);
		first = first ?: err;
	}
	return first;
}

static void drop_hook(struct tap_context *context, struct tap_state *state, unsigned int index)
{
	struct hook *hook = &state->hooks[index];

	context->sites->site[hook->site].info.gone = true;
	hook_disarm(hook);
	close(hook->map_fd);
	memmove(hook, hook + 1, (--state->count - index) * sizeof(*hook));
}

static void disarm(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = lock_take(context->log);

	for (unsigned int i = 0; i < state->count; i++) {
		hook_disarm(&state->hooks[i]);
		close(state->hooks[i].map_fd);
	}
	free(state);
}

static int arm_pin(struct tap_context *context, struct tap_state *state)
{
	struct pipeline_hook hook;
	int fd = open_pin(context, &hook);

	return fd < 0 ? fd : add(context, state, &hook, fd);
}

static int arm(struct tap_context *context, struct tap_state **out)
{
	struct tap_state *state = calloc(1, sizeof(*state));
	int err = -ENOMEM;

	if (!state)
		return err;
	{
		CLEANUP_FD int lock = lock_take(context->log);

		err = context->opts->hook_pin ? arm_pin(context, state) : add_new(context, state);
	}
	if (err) {
		disarm(context, state);
		return err;
	}
	*out = state;
	return 0;
}

static bool in_pipeline(const struct tap_context *context, __u32 map_id)
{
	for (unsigned int i = 0; i < context->pipeline.hook_count; i++)
		if (context->pipeline.hooks[i].map_id == map_id)
			return true;
	return false;
}

static void drop_old(struct tap_context *context, struct tap_state *state)
{
	for (unsigned int i = state->count; i-- > 0;) {
		const struct hook *hook = &state->hooks[i];
		const struct xdpdrop_site *site = &context->sites->site[hook->site].info;

		if (!context->opts->hook_pin && !in_pipeline(context, hook->info.map_id))
			log_warn(context->log,
				 "program %s (id %u) is no longer on %s: its hook %s is "
				 "closed",
				 site->program, site->program_id, site->ifname, hook->info.name);
		else if (!hook_intact(hook))
			log_warn(context->log,
				 "hook %s (map id %u): somebody else has taken or "
				 "emptied a slot; it is closed",
				 hook->info.name, hook->info.map_id);
		else
			continue;
		drop_hook(context, state, i);
	}
}

static int resync(struct tap_context *context, struct tap_state *state)
{
	CLEANUP_FD int lock = -1;

	drop_old(context, state);
	if (context->opts->hook_pin)
		return state->count ? 0 : -ESTALE;
	lock = lock_take(context->log);
	add_new(context, state);
	if (!state->count && !state->waiting)
		log_warn(context->log, "no program on %s has a hook now; waiting for one",
			 context->pipeline.ifname);
	state->waiting = !state->count;
	return 0;
}

const struct tap tap_hook = {
	.name = "hook",
	.check = check,
	.arm = arm,
	.resync = resync,
	.disarm = disarm,
};
