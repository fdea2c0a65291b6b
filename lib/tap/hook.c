// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Arms and disarms one hook. Finds the type of program that the map accepts, and keeps slots of
 * other tools unchanged.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include <xdpdrop/record.h>

#include "base/cleanup.h"
#include "base/action.h"
#include "base/clock.h"
#include "tap/denylist.h"
#include "tap/hook.h"
#include "tap/hook_place.h"
#include "tap/hook_template.h"
#include "bpf/iface_map.h"
#include "bpf/probe.h"

/* What another process does to hooks, in a row, and how often it is said. */
#define OFTEN 3
#define WARN_EVERY_NS 60000000000ULL

void hook_init(struct hook *hook, const struct pipeline_hook *info, int map_fd)
{
	*hook = (struct hook){ .info = *info, .map_fd = map_fd, .ifaces_fd = -1 };
	hook->info.fd = -1;
	hook_chain_init(&hook->chain);
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		hook->slot_fd[slot] = hook->loaded[slot] = -1;
}

/*
 * The slots to fill, one bit each. A tag hook is called for frames that will be dropped, and for
 * frames without a tag.
 */
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

int hook_check(const struct tap_context *context, const struct pipeline_hook *hook, int map_fd,
	       char *why, size_t size)
{
	__u32 wanted = hook_wanted_slots(context, hook);
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (wanted & (1U << slot))
			err = hook_place_check(context, hook, map_fd, slot, why, size);
	return err;
}

struct hook_slots hook_slots_of(const struct hook *hook)
{
	struct hook_slots slots = { .map_fd = hook->map_fd,
				    .ifaces_fd = hook->ifaces_fd,
				    .point = hook->point,
				    .chain = hook->chain };

	memcpy(slots.id, hook->slot_id, sizeof(slots.id));
	return slots;
}

static int hook_record(const struct tap_context *context, struct hook *hook)
{
	const struct journal_record record = { .kind = JOURNAL_HOOK, .hook = hook_slots_of(hook) };

	return watchdog_write(context->watchdog, &hook->record, &record);
}

static int hook_add_iface(const struct tap_context *context, struct hook *hook)
{
	int err = hook_record(context, hook);

	return err ? err : hook_follow_devices(context, hook);
}

static int hook_insert(const struct tap_context *context, struct hook *hook, __u32 slot,
		       int *program)
{
	struct bpf_prog_info info;
	int place, err = bpfinfo_program(*program, &info, NULL);

	err = err ?: hook_chain_find(&hook->chain, hook->map_fd, slot, 0, &place);
	if (err)
		return err == -ENOENT ? -EBUSY : err;
	hook->slot_id[slot] = info.id;
	err = hook_record(context, hook);
	if (!err && bpf_map_update_elem(place, &slot, program, BPF_ANY))
		err = -errno;
	if (err) {
		hook->slot_id[slot] = 0;
		return err;
	}
	hook->slot_fd[slot] = take_fd(program);
	return 0;
}

/*
 * The program type is known from the map's owner. The attach type and frags support are found by
 * trying. An extension inherits them from its target.
 */
static bool hook_may_be(const struct hook *hook, struct program_type type)
{
	return (!type.frags || probe(FEATURE_FRAGS)) && !(hook->extension && type.attach_type);
}

static bool hook_takes(const struct hook *hook, struct program_type type)
{
	return hook->extension || program_type_fits_map(hook->map_fd, type);
}

/* All slots have the same type, and most hooks of an interface do. */
static void hook_find_type(struct hook *hook)
{
	for (unsigned int i = 0; !hook->fits && i < PROGRAM_TYPES; i++) {
		unsigned int number = (hook->type + i) % PROGRAM_TYPES;
		struct program_type type = program_type(number);

		if (!hook_may_be(hook, type) || !hook_takes(hook, type))
			continue;
		hook->type = number;
		hook->fits = true;
	}
}

static void hook_log_filled(const struct tap_context *context, const struct hook *hook, __u32 slot)
{
	struct program_type type = program_type(hook->type);

	log_info(context->log,
		 "hook %s: %s slot accepted a program of type %s, expected attach type %s, "
		 "frags %s",
		 hook->info.name, action_name(slot), hook->extension ? "EXT" : "XDP",
		 program_type_name(type), type.frags ? "yes" : "no");
}

/*
 * The first program that was loaded has set the type of the capture's map xdpdrop_next, and another
 * type is to be tried.
 */
static int hook_begin_anew(const struct tap_context *context, struct hook *hook)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		if (hook->slot_fd[slot] >= 0)
			return 0;
		cleanup_fd(&hook->loaded[slot]);
	}
	return hook_chain_renew(&hook->chain, context->maps->replaying);
}

static int hook_fill_slot(const struct tap_context *context, struct hook *hook, __u32 slot,
			  const struct hook_template *template)
{
	const unsigned int first = hook->type;
	int err = -EOPNOTSUPP;

	for (unsigned int i = 0; i < PROGRAM_TYPES; i++) {
		unsigned int number = (first + i) % PROGRAM_TYPES;
		struct program_type type = program_type(number);
		CLEANUP_FD int program = take_fd(&hook->loaded[slot]);

		if (!hook_may_be(hook, type))
			continue;
		if (!(hook->fits && !i) && !hook_takes(hook, type)) {
			err = err == -EOPNOTSUPP ? -EINVAL : err;
			continue;
		}
		if (program < 0)
			program = hook_template_load(template, context, hook, slot, type);
		err = program < 0 ? program : hook_insert(context, hook, slot, &program);
		if (!err) {
			hook->type = number;
			hook->fits = true;
			hook_log_filled(context, hook, slot);
			return 0;
		}
		if (err == -ESTALE) {
			log_warn(context->log,
				 "program id %u was replaced while its hook %s (map id %u) was "
				 "taken up",
				 hook->info.program_id, hook->info.name, hook->info.map_id);
			return err;
		}
		if (err == -EPERM || denylist_passes(err))
			break;
		if (tap_filter_refused(context, err, false))
			return err;
		if (hook_begin_anew(context, hook))
			break;
	}
	return log_error(context->log, err,
			 "cannot put a capture program into the %s slot of hook "
			 "%s (map id %u): %s%s",
			 action_name(slot), hook->info.name, hook->info.map_id, strerror(-err),
			 tap_hint(err));
}

static int hook_claim_slots(const struct tap_context *context, struct hook *hook)
{
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (hook->wanted & (1U << slot))
			err = hook_place_claim(context, hook, slot);
	return err;
}

/* Let the programs that are in the hook record this interface, too. */
static int hook_join(const struct tap_context *context, struct hook *hook, __u32 wanted)
{
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (wanted & (1U << slot))
			err = hook_place_join(context, hook, slot);
	if (!err)
		hook->ifaces_fd = iface_map_of(hook->slot_id[__builtin_ctz(wanted)]);
	if (!err)
		err = hook->ifaces_fd < 0 ? hook->ifaces_fd : hook_check_filter(context, hook);
	if (!err)
		err = hook_add_iface(context, hook);
	/* otherwise undo would empty the slots of the other interface */
	if (hook->ifaces_fd < 0)
		memset(hook->slot_id, 0, sizeof(hook->slot_id));
	if (err)
		log_error(context->log, err, "hook %s (map id %u) cannot be shared: %s",
			  hook->info.name, hook->info.map_id, strerror(-err));
	return err;
}

static int hook_found(const struct tap_context *context, struct hook *hook)
{
	int err;

	hook->ifaces_fd = iface_map_create(context->filters->link_type);
	err = hook->ifaces_fd < 0 ? hook->ifaces_fd :
				    hook_chain_renew(&hook->chain, context->maps->replaying);
	err = err ?: hook_add_iface(context, hook);
	if (err)
		return log_error(context->log, err, "cannot create a map for hook %s: %s",
				 hook->info.name, strerror(-err));
	err = hook_claim_slots(context, hook);
	if (!err)
		hook_find_type(hook);
	return err;
}

/* The type of the map must have been set by an XDP program. */
static int hook_check_owner(const struct tap_context *context, const struct hook *hook, __u32 *type)
{
	int err = bpfinfo_owner_type(hook->map_fd, type);

	if (err == -ENOENT)
		return log_error(context->log, err,
				 "no program that uses hook %s (map id %u) has been loaded yet; "
				 "load it first",
				 hook->info.name, hook->info.map_id);
	if (err)
		return log_error(context->log, err,
				 "cannot determine which program uses hook %s (map id %u): %s",
				 hook->info.name, hook->info.map_id, strerror(-err));
	if (*type != BPF_PROG_TYPE_XDP && *type != BPF_PROG_TYPE_EXT)
		return log_error(
			context->log, -EOPNOTSUPP,
			"map %s (id %u) belongs to programs of type %u, not to XDP programs",
			hook->info.name, hook->info.map_id, *type);
	return 0;
}

/* A hook of xdpcap can have four slots, without one for redirect. */
static void hook_warn_of_slots(const struct tap_context *context, const struct hook *hook)
{
	if (hook->info.tag || context->combined || hook->info.slots > XDP_REDIRECT ||
	    !(context->opts->actions & 1U << XDP_REDIRECT))
		return;
	log_warn(context->log,
		 "hook %s (map id %u) has %u slots, and none for verdict redirect: frames with "
		 "that verdict are not seen there",
		 hook->info.name, hook->info.map_id, hook->info.slots);
}

static int hook_start(const struct tap_context *context, struct hook *hook)
{
	__u32 owner_type, id, wanted = hook_wanted_slots(context, &hook->info);
	int err;

	if (!wanted)
		return log_error(context->log, -EINVAL,
				 "hook %s (map id %u) has no slot for the selected actions",
				 hook->info.name, hook->info.map_id);
	err = hook_check_owner(context, hook, &owner_type);
	if (err)
		return err;
	hook_program_choose(context, hook);
	err = hook_place_find(context, hook->map_fd, __builtin_ctz(wanted), &id);
	if (err)
		return log_error(context->log, err, "cannot read hook %s (map id %u): %s",
				 hook->info.name, hook->info.map_id, strerror(-err));
	if (id)
		return hook_join(context, hook, wanted);
	hook->wanted = wanted;
	hook->extension = owner_type == BPF_PROG_TYPE_EXT;
	return hook_found(context, hook);
}

int hook_begin(const struct tap_context *context, struct hook *hook)
{
	int err;

	hook->record = 0;
	err = hook_start(context, hook);
	if (err)
		hook_undo(context, hook);
	return err;
}

int hook_finish(const struct tap_context *context, struct hook *hook,
		const struct hook_template *template)
{
	int err = 0;

	for (__u32 slot = 0; !err && slot < HOOK_SLOTS; slot++)
		if (hook->wanted & (1U << slot))
			err = interrupt_wanted(context->interrupt) ?
				      -EINTR :
				      hook_fill_slot(context, hook, slot, template);
	if (err)
		hook_undo(context, hook);
	else
		hook_warn_of_slots(context, hook);
	return err;
}

void hook_close(struct hook *hook)
{
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		cleanup_fd(&hook->slot_fd[slot]);
		cleanup_fd(&hook->loaded[slot]);
		hook->slot_id[slot] = 0;
	}
	hook_chain_close(&hook->chain);
	cleanup_fd(&hook->ifaces_fd);
	cleanup_fd(&hook->map_fd);
}

int hook_undo(const struct tap_context *context, struct hook *hook)
{
	const struct hook_slots slots = hook_slots_of(hook);
	int err = hook_slots_undo(&slots);

	/* after an error the watchdog tries again */
	if (!err)
		watchdog_withdraw(context->watchdog, &hook->record);
	return err;
}

void hook_keep(const struct hook *hook, struct fd_list *list)
{
	fd_list_add(list, hook->map_fd);
	fd_list_add(list, hook->ifaces_fd);
	fd_list_add(list, hook->chain.next_fd);
	for (__u32 i = 0; i < hook->chain.count; i++)
		fd_list_add(list, hook->chain.before[i].next_fd);
	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		fd_list_add(list, hook->slot_fd[slot]);
}

bool hook_intact(const struct hook *hook)
{
	const struct hook_slots slots = hook_slots_of(hook);

	return hook_slots_intact(&slots);
}

static bool hook_is_emptied(const struct hook *hook)
{
	__u32 id;

	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++)
		if (hook->slot_id[slot] && (hook_chain_look(hook->map_fd, slot, &id) || id))
			return false;
	return true;
}

/* The kernel may empty a hook that was closed just before this process has opened it. */
void hook_warn_changed(const struct tap_context *context, const struct hook *hook,
		       const char *hence)
{
	const char *what = hook_is_emptied(hook) ?
				   "its slots were emptied, by another process or by the kernel" :
				   "another process has changed a slot";

	log_warn(context->log, "hook %s (map id %u): %s; %s", hook->info.name, hook->info.map_id,
		 what, hence);
}

void hook_note_emptied(const struct tap_context *context, const struct hook *hook,
		       struct hook_emptied *emptied)
{
	__u64 now = clock_monotonic();

	if (++emptied->count < OFTEN || now < emptied->next_warning)
		return;
	emptied->next_warning = now + WARN_EVERY_NS;
	hook_warn_changed(context, hook,
			  "this happens again and again, and drops meanwhile are not seen");
}

bool hook_is_trim(const struct hook *hook)
{
	return !hook_chain_is_stale(&hook->chain, hook->map_fd, hook->slot_id);
}

void hook_trim(const struct tap_context *context, struct hook *hook)
{
	if (hook_is_trim(hook))
		return;
	hook_chain_trim(&hook->chain, hook->map_fd, hook->slot_id);
	/* an old record has more maps open than it needs */
	hook_record(context, hook);
}
