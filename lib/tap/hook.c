// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Arms and disarms one hook: finds the kind of program that the map's owner accepts, and
 * keeps out of slots that somebody else uses.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "capture.skel.h"
#include <xdpdrop/record.h>

#include "base/cleanup.h"
#include "base/action.h"
#include "tap/hook.h"
#include "bpf/frame_netns.h"
#include "bpf/owner.h"
#include "bpf/iface_map.h"
#include "xdp/pipeline_devices.h"
#include "bpf/probe.h"
#include "xdp/netns.h"

/* Has another interface of this session armed it? Then *@id is the program in @slot. */
static bool hook_is_shared(const struct tap_context *context, const struct hook *hook, __u32 slot,
			   __u32 *id)
{
	struct bpf_map_info control;
	struct owner owner;

	return !bpf_map_lookup_elem(hook->map_fd, &slot, id) && !owner_of(*id, &owner) &&
	       !bpfinfo_map(context->maps->control_fd, &control) && owner.control_id == control.id;
}

/* One bit per slot. A tag hook is called for frames that will be dropped, or have no tag. */
static __u32 hook_wanted_slots(const struct tap_context *context, const struct pipeline_hook *hook)
{
	__u32 slots = hook->slots < HOOK_SLOTS ? hook->slots : HOOK_SLOTS;
	__u32 wanted = context->opts->actions;

	if (hook->tag)
		wanted &= 1U << XDP_DROP;
	if (hook->tag && wanted && context->opts->untagged)
		wanted |= 1U << XDP_PASS;
	return wanted & ((1U << slots) - 1);
}

bool hook_has_slot(const struct tap_context *context, const struct pipeline_hook *hook)
{
	return hook_wanted_slots(context, hook);
}

/*
 * A dead capture's program, whose pid goes to *@dead, may be replaced; anything else that is there
 * may not: -EBUSY.
 */
static int hook_slot_check(const struct pipeline_hook *hook, int map_fd, __u32 slot, __u32 *dead,
			   char *why, size_t size)
{
	struct owner owner;
	char name[64];
	__u32 id;

	*dead = 0;
	if (bpf_map_lookup_elem(map_fd, &slot, &id))
		return 0;
	if (owner_of(id, &owner)) {
		bpfinfo_name_by_id(id, name, sizeof(name));
		snprintf(why, size,
			 "hook %s (map id %u) already has program %s (id %u) in its %s slot; end "
			 "the tool that put it there",
			 hook->name, hook->map_id, name, id, action_name(slot));
		return -EBUSY;
	}
	if (owner.alive) {
		snprintf(why, size,
			 "hook %s (map id %u) is in use by the xdpdrop capture with pid %u",
			 hook->name, hook->map_id, owner.pid);
		return -EBUSY;
	}
	*dead = owner.pid;
	return 0;
}

int hook_check(const struct tap_context *context, const struct pipeline_hook *hook, int map_fd,
	       char *why, size_t size)
{
	__u32 wanted = hook_wanted_slots(context, hook), dead;
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (wanted & (1U << slot))
			err = hook_slot_check(hook, map_fd, slot, &dead, why, size);
	return err;
}

static int hook_claim_slot(const struct tap_context *context, const struct hook *hook, __u32 slot)
{
	char why[256];
	__u32 dead;
	int err = hook_slot_check(&hook->info, hook->map_fd, slot, &dead, why, sizeof(why));

	if (err)
		return log_error(context->log, err, "%s", why);
	if (dead)
		log_info(context->log,
			 "hook %s: taking over the %s slot that a dead capture (pid %u) left",
			 hook->info.name, action_name(slot), dead);
	return 0;
}

/* On 5.10 a hook of a dispatcher's member accepts only extensions of that dispatcher. */
static int hook_set_extension(struct bpf_program *program, const struct tap_context *context,
			      int *dispatcher)
{
	int err;

	*dispatcher = bpf_prog_get_fd_by_id(context->pipeline.root_id);
	if (*dispatcher < 0)
		return -errno;
	err = bpf_program__set_type(program, BPF_PROG_TYPE_EXT);
	return err ?: bpf_program__set_attach_target(program, *dispatcher, "prog0");
}

/* Objects built with hook.h before 0.2 leave a reason there, and no rule. */
static bool hook_has_rules(int cell)
{
	struct bpf_map_info info;

	return cell >= 0 && !bpfinfo_map(cell, &info) &&
	       info.value_size == sizeof(struct xdpdrop_why);
}

static int hook_share_cell(struct xdpdrop_capture_bpf *skeleton, __u32 cell_id)
{
	CLEANUP_FD int fd = cell_id ? bpf_map_get_fd_by_id(cell_id) : -1;

	skeleton->rodata->has_rules = hook_has_rules(fd);
	return fd >= 0 ? bpf_map__reuse_fd(skeleton->maps.xdpdrop_reason, fd) : 0;
}

/* Names mean what this hook's program means by them. A list of which it knows none: nothing. */
static void hook_find_reasons(const struct tap_context *context, struct hook *hook)
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

/* options_check() has seen that each is a number, or a name that was given to one. */
static void hook_find_rules(const struct tap_context *context, struct hook *hook)
{
	CLEANUP_FREE char *copy =
		context->opts->only_rules ? strdup(context->opts->only_rules) : NULL;
	char *rest = copy, *name;

	CLEANUP_FD int cell =
		copy && hook->info.cell_id ? bpf_map_get_fd_by_id(hook->info.cell_id) : -1;

	hook->rule_count = 0;
	if (copy && !hook_has_rules(cell))
		log_warn(context->log,
			 "program %s (id %u) on %s states no rules: none of its frames is captured "
			 "while rules are chosen",
			 context->points->point[hook->point].info.program, hook->info.program_id,
			 context->pipeline.ifname);
	while (copy && (name = strsep(&rest, ",")) && hook->rule_count < XDPDROP_MAX_RULES)
		if (reasons_number(&context->points->rules, name, UINT64_MAX,
				   &hook->rules[hook->rule_count]))
			hook->rule_count++;
}

static void hook_set_rules(const struct tap_context *context, const struct hook *hook,
			   struct xdpdrop_capture_bpf *skeleton)
{
	memcpy(skeleton->rodata->rules, hook->rules, hook->rule_count * sizeof(hook->rules[0]));
	skeleton->rodata->rule_count = hook->rule_count;
	skeleton->rodata->rules_chosen = context->opts->only_rules != NULL;
}

static void hook_set_reasons(const struct tap_context *context, const struct hook *hook,
			     struct xdpdrop_capture_bpf *skeleton)
{
	const struct xdpdrop_opts *opts = context->opts;

	memcpy(skeleton->rodata->reasons, hook->reasons,
	       hook->reason_count * sizeof(hook->reasons[0]));
	skeleton->rodata->reason_count = hook->reason_count;
	skeleton->rodata->reasons_chosen = opts->only_reasons || opts->not_reasons;
	skeleton->rodata->reasons_unwanted = opts->not_reasons != NULL;
}

static struct hook_slots hook_slots_of(const struct hook *hook)
{
	struct hook_slots slots = { .map_fd = hook->map_fd,
				    .ifaces_fd = hook->ifaces_fd,
				    .point = hook->point };

	memcpy(slots.id, hook->slot_id, sizeof(slots.id));
	return slots;
}

static int hook_record(const struct tap_context *context, struct hook *hook)
{
	const struct journal_record record = { .kind = JOURNAL_HOOK, .hook = hook_slots_of(hook) };

	return watchdog_write(context->watchdog, &hook->record, &record);
}

int hook_follow_devices(const struct tap_context *context, const struct hook *hook)
{
	__u32 devices[XDPDROP_MAX_DEVICES];
	unsigned int count = pipeline_devices(&context->pipeline, devices);

	return iface_map_put(hook->ifaces_fd, hook->point, devices, count);
}

static int hook_add_iface(const struct tap_context *context, struct hook *hook)
{
	int err = hook_record(context, hook);

	return err ? err : hook_follow_devices(context, hook);
}

/* This thread's; an instance is of one session, and so of one namespace. */
static int hook_set_netns(struct xdpdrop_capture_bpf *skeleton)
{
	skeleton->rodata->netns = netns_inode();
	return frame_netns_works() ? frame_netns_inject(skeleton->progs.xdpdrop_capture) : 0;
}

/* Load one instance as @type; its fd, or -errno. */
static int hook_load(const struct tap_context *context, const struct hook *hook, __u32 slot,
		     struct program_type type, bool extension)
{
	struct xdpdrop_capture_bpf *skeleton = xdpdrop_capture_bpf__open();
	CLEANUP_FD int dispatcher = -1;
	int err, fd = -1;

	if (!skeleton)
		return -errno;
	skeleton->rodata->action = hook->info.tag ? XDP_DROP : slot;
	skeleton->rodata->verdict = hook->info.tag ? XDP_PASS : slot;
	skeleton->rodata->tagged = hook->info.tag;
	skeleton->rodata->beside_exits = context->tag_hooks && probe(FEATURE_TRAMPOLINE);
	hook_set_reasons(context, hook, skeleton);
	hook_set_rules(context, hook, skeleton);
	err = hook_set_netns(skeleton);
	err = err ?: CAPTURE_MAPS_SHARE(context->maps, skeleton);
	err = err ?: bpf_map__reuse_fd(skeleton->maps.xdpdrop_ifaces, hook->ifaces_fd);
	err = err ?: hook_share_cell(skeleton, hook->info.cell_id);
	err = err ?: tap_filter(context, skeleton->progs.xdpdrop_capture, false);
	/* Asking for the length takes a call. Members of a dispatcher get what that one takes. */
	skeleton->rodata->has_frags = type.frags || (!type.attach_type && probe(FEATURE_FRAGS));
	err = err ?: program_type_set(skeleton->progs.xdpdrop_capture, type);
	if (!err && extension)
		err = hook_set_extension(skeleton->progs.xdpdrop_capture, context, &dispatcher);
	err = err ?: xdpdrop_capture_bpf__load(skeleton);
	if (!err) {
		fd = dup(bpf_program__fd(skeleton->progs.xdpdrop_capture));
		err = fd < 0 ? -errno : 0;
	}
	xdpdrop_capture_bpf__destroy(skeleton);
	return err ?: fd;
}

static int hook_insert(const struct tap_context *context, struct hook *hook, __u32 slot,
		       int *program)
{
	struct bpf_prog_info info;
	int err = bpfinfo_program(*program, &info, NULL);

	if (err)
		return err;
	hook->slot_id[slot] = info.id;
	err = hook_record(context, hook);
	if (!err && bpf_map_update_elem(hook->map_fd, &slot, program, BPF_ANY))
		err = -errno;
	if (err) {
		hook->slot_id[slot] = 0;
		return err;
	}
	hook->slot_fd[slot] = take_fd(program);
	return 0;
}

/* The owner's program type is known, its attach type and frags support only by trying. */
static int hook_fill_slot(const struct tap_context *context, struct hook *hook, __u32 slot,
			  __u32 owner_type)
{
	bool extension = owner_type == BPF_PROG_TYPE_EXT;
	int err = -EOPNOTSUPP;

	for (unsigned int number = 0; number < PROGRAM_TYPES; number++) {
		struct program_type type = program_type(number);
		CLEANUP_FD int program = -1;

		if ((type.frags && !probe(FEATURE_FRAGS)) || (extension && type.attach_type))
			continue;
		program = hook_load(context, hook, slot, type, extension);
		err = program < 0 ? program : hook_insert(context, hook, slot, &program);
		if (!err) {
			log_info(context->log,
				 "hook %s: %s slot accepted a program of type %s, "
				 "expected attach type %s, frags %s",
				 hook->info.name, action_name(slot), extension ? "EXT" : "XDP",
				 program_type_name(type), type.frags ? "yes" : "no");
			return 0;
		}
		if (err == -EPERM || err == -ENOMEM)
			break;
		if (tap_filter_refused(context, err, false))
			return err;
	}
	return log_error(context->log, err,
			 "cannot put a capture program into the %s slot of hook "
			 "%s (map id %u): %s",
			 action_name(slot), hook->info.name, hook->info.map_id, strerror(-err));
}

static int hook_fill_slots(const struct tap_context *context, struct hook *hook, __u32 wanted,
			   __u32 owner_type)
{
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (wanted & (1U << slot))
			err = hook_claim_slot(context, hook, slot);
	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (wanted & (1U << slot))
			err = hook_fill_slot(context, hook, slot, owner_type);
	return err;
}

/* One program filters for all interfaces that share the hook. */
static int hook_check_filter(const struct tap_context *context, const struct hook *hook)
{
	const struct filter_set *filters = context->filters;

	if (!filters->used || iface_map_link_type(hook->ifaces_fd) == filters->link_type)
		return 0;
	return log_error(context->log, -EINVAL,
			 "hook %s (map id %u) is shared by interfaces whose frames begin with "
			 "different headers, and a filter suits one of these: capture them without "
			 "a filter, or one after the other",
			 hook->info.name, hook->info.map_id);
}

/* The programs that are there already will record this interface's frames, too. */
static int hook_join(const struct tap_context *context, struct hook *hook, __u32 wanted)
{
	int err;

	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		if ((wanted & (1U << slot)) &&
		    !hook_is_shared(context, hook, slot, &hook->slot_id[slot]))
			hook->slot_id[slot] = 0;
	hook->ifaces_fd = iface_map_of(hook->slot_id[__builtin_ctz(wanted)]);
	err = hook->ifaces_fd < 0 ? hook->ifaces_fd : hook_check_filter(context, hook);
	err = err ?: hook_add_iface(context, hook);
	/* or they would be taken for ours alone, and emptied */
	if (hook->ifaces_fd < 0)
		memset(hook->slot_id, 0, sizeof(hook->slot_id));
	if (err)
		log_error(context->log, err, "hook %s (map id %u) cannot be shared: %s",
			  hook->info.name, hook->info.map_id, strerror(-err));
	return err;
}

static int hook_found(const struct tap_context *context, struct hook *hook, __u32 wanted,
		      __u32 owner_type)
{
	int err;

	hook->ifaces_fd = iface_map_create(context->filters->link_type);
	err = hook->ifaces_fd < 0 ? hook->ifaces_fd : hook_add_iface(context, hook);
	if (err)
		return log_error(context->log, err, "cannot create a map for hook %s: %s",
				 hook->info.name, strerror(-err));
	return hook_fill_slots(context, hook, wanted, owner_type);
}

/* The map must be typed already, by an XDP program. */
static int hook_check_owner(const struct tap_context *context, const struct hook *hook, __u32 *type)
{
	if (!bpfinfo_has_owner(hook->map_fd, type))
		return log_error(context->log, -ENOENT,
				 "no program that uses hook %s (map id %u) has been loaded yet; "
				 "load it first",
				 hook->info.name, hook->info.map_id);
	if (*type != BPF_PROG_TYPE_XDP && *type != BPF_PROG_TYPE_EXT)
		return log_error(
			context->log, -EOPNOTSUPP,
			"map %s (id %u) belongs to programs of type %u, not to XDP programs",
			hook->info.name, hook->info.map_id, *type);
	return 0;
}

int hook_arm(const struct tap_context *context, struct hook *hook)
{
	__u32 owner_type, id, wanted = hook_wanted_slots(context, &hook->info);
	int err;

	hook->ifaces_fd = -1;
	hook->record = 0;
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		hook->slot_id[slot] = 0;
		hook->slot_fd[slot] = -1;
	}
	if (!wanted)
		return log_error(context->log, -EINVAL,
				 "hook %s (map id %u) has no slot for the actions asked for",
				 hook->info.name, hook->info.map_id);
	err = hook_check_owner(context, hook, &owner_type);
	if (err)
		return err;
	hook_find_reasons(context, hook);
	hook_find_rules(context, hook);
	if (hook_is_shared(context, hook, __builtin_ctz(wanted), &id))
		err = hook_join(context, hook, wanted);
	else
		err = hook_found(context, hook, wanted, owner_type);
	if (err)
		hook_undo(context, hook);
	return err;
}

void hook_close(struct hook *hook)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		cleanup_fd(&hook->slot_fd[slot]);
		hook->slot_fd[slot] = -1;
		hook->slot_id[slot] = 0;
	}
	cleanup_fd(&hook->ifaces_fd);
	cleanup_fd(&hook->map_fd);
	hook->ifaces_fd = hook->map_fd = -1;
}

void hook_undo(const struct tap_context *context, struct hook *hook)
{
	const struct hook_slots slots = hook_slots_of(hook);

	hook_slots_undo(&slots);
	watchdog_withdraw(context->watchdog, &hook->record);
}

void hook_keep(const struct hook *hook, struct fd_list *list)
{
	fd_list_add(list, hook->map_fd);
	fd_list_add(list, hook->ifaces_fd);
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		fd_list_add(list, hook->slot_fd[slot]);
}

bool hook_intact(const struct hook *hook)
{
	const struct hook_slots slots = hook_slots_of(hook);

	return hook_slots_intact(&slots);
}
