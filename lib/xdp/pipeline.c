// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads an interface's programs through libxdp and follows their maps to hooks and to the
 * programs that they tail-call.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xdpdrop/record.h>

#include "bpf/bpfinfo.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "xdp/entry_map.h"
#include "xdp/dispatcher_members.h"
#include "xdp/pipeline.h"
#include "xdp/pipeline_devices.h"

/* The kernel's links, too, come some time after the dispatcher. */
#define HIDDEN_LOOKS 4

/* Slots of a tail-call table that are followed; larger tables are no dispatch of features. */
#define MAX_TARGETS 1024

static struct pipeline_program *pipeline_find_program(struct pipeline *pipeline, __u32 id)
{
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		if (pipeline->programs[i].id == id)
			return &pipeline->programs[i];
	return NULL;
}

const struct pipeline_program *pipeline_find(const struct pipeline *pipeline, __u32 id)
{
	return pipeline_find_program((struct pipeline *)pipeline, id);
}

const struct pipeline_program *pipeline_root(const struct pipeline *pipeline)
{
	return pipeline->root_id ? pipeline_find(pipeline, pipeline->root_id) : NULL;
}

const struct pipeline_program *pipeline_next_member(const struct pipeline *pipeline, __u32 id)
{
	const struct pipeline_program *program = pipeline_find(pipeline, id);
	const struct pipeline_program *end = pipeline->programs + pipeline->program_count;

	/* members are listed in the order in which they run */
	if (!program || !program->member || program + 1 == end || !program[1].member)
		return NULL;
	return program + 1;
}

const struct pipeline_program *pipeline_last_member(const struct pipeline *pipeline)
{
	const struct pipeline_program *last = NULL;

	for (unsigned int i = 0; i < pipeline->program_count; i++)
		if (pipeline->programs[i].member)
			last = &pipeline->programs[i];
	return last;
}

const struct pipeline_program *pipeline_speaker(const struct pipeline *pipeline,
						const struct pipeline_program *program)
{
	/* callers may call each other */
	for (unsigned int steps = 0; program && steps < pipeline->program_count; steps++) {
		if (program->root || program->member || program->entry[0])
			return program;
		program = pipeline_find(pipeline, program->caller_id);
	}
	return NULL;
}

bool pipeline_is_whole(const struct pipeline *pipeline)
{
	return !pipeline->dispatcher || pipeline_last_member(pipeline);
}

bool pipeline_is_hidden(const struct pipeline *pipeline)
{
	return pipeline->blind_looks >= HIDDEN_LOOKS;
}

bool pipeline_selects(const char *selector, __u32 id, const char *name)
{
	char *end;
	unsigned long number;

	if (!selector)
		return true;
	number = strtoul(selector, &end, 10);
	if (end != selector && !*end)
		return number == id;
	return !strcmp(selector, name);
}

static struct pipeline_program *pipeline_add_program(struct pipeline *pipeline, __u32 id)
{
	struct pipeline_program *program = &pipeline->programs[pipeline->program_count];

	if (!id || pipeline_find(pipeline, id) || pipeline->program_count == PIPELINE_MAX_PROGRAMS)
		return NULL;
	*program = (struct pipeline_program){ .id = id };
	bpfinfo_name_by_id(id, program->name, sizeof(program->name));
	pipeline->program_count++;
	return program;
}

/* The name of the only member of a map's value type, in which a hook says what it is. */
static int pipeline_read_value_member(const struct bpf_map_info *info, char *name, size_t size)
{
	struct btf *btf = info->btf_id ? btf__load_from_kernel_by_id(info->btf_id) : NULL;
	int err = info->btf_id && !btf ? -errno : 0;
	const struct btf_type *type = btf ? btf__type_by_id(btf, info->btf_value_type_id) : NULL;
	const char *member = NULL;

	if (type && btf_is_struct(type) && btf_vlen(type) == 1)
		member = btf__name_by_offset(btf, btf_members(type)->name_off);
	snprintf(name, size, "%s", member ?: "");
	btf__free(btf);
	return err;
}

/*
 * Hooks carry their type in BTF; xdpcap's are known by their name. Negative: it cannot be read, and
 * a guess could change verdicts.
 */
static int pipeline_is_hook_type(const struct bpf_map_info *info, bool *tag)
{
	char member[32];
	int err = pipeline_read_value_member(info, member, sizeof(member));
	bool known;

	*tag = !strcmp(member, "xdpdrop_tagged") || !strcmp(info->name, "xdpdrop_tags");
	known = *tag || !strcmp(member, "xdpdrop_reason") || !strcmp(info->name, "xdpcap_hook") ||
		!strcmp(info->name, "xdpdrop_hook");
	return known || !err ? known : err;
}

int pipeline_read_hook(int fd, bool by_user, struct pipeline_hook *hook)
{
	struct bpf_map_info info;
	int err = bpfinfo_map(fd, &info);
	bool tag;
	int known;

	if (err)
		return err;
	if (info.type != BPF_MAP_TYPE_PROG_ARRAY || info.max_entries < 4)
		return -ENOENT;
	known = pipeline_is_hook_type(&info, &tag);
	if (known < 0)
		return known;
	if (!by_user && (info.max_entries > 5 || !known))
		return -ENOENT;
	*hook = (struct pipeline_hook){
		.map_id = info.id, .slots = info.max_entries, .tag = tag, .fd = -1
	};
	memcpy(hook->name, info.name, sizeof(hook->name) - 1);
	utf8_to_ascii(hook->name);
	return 0;
}

static bool pipeline_is_reason_cell(int fd)
{
	struct bpf_map_info info;

	return !bpfinfo_map(fd, &info) && info.type == BPF_MAP_TYPE_PERCPU_ARRAY &&
	       (info.value_size == sizeof(__u32) ||
		info.value_size == sizeof(struct xdpdrop_why)) &&
	       info.max_entries == 1 && !strcmp(info.name, "xdpdrop_reason");
}

/* Programs share maps; each is opened once. */
static bool pipeline_is_known(const struct pipeline *pipeline, __u32 map_id)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		if (pipeline->hooks[i].map_id == map_id)
			return true;
	for (unsigned int i = 0; i < pipeline->table_count; i++)
		if (pipeline->tables[i] == map_id)
			return true;
	return false;
}

static void pipeline_add_hook(struct pipeline *pipeline, struct pipeline_hook *hook, int *fd)
{
	if (pipeline->hook_count == PIPELINE_MAX_HOOKS)
		return;
	hook->fd = take_fd(fd);
	pipeline->hooks[pipeline->hook_count++] = *hook;
}

static struct pipeline_program *pipeline_add_target(struct pipeline *pipeline, __u32 id,
						    __u32 caller_id)
{
	struct pipeline_program *program =
		pipeline_add_program(pipeline, id) ?: pipeline_find_program(pipeline, id);

	if (program && !program->caller_id && id != caller_id)
		program->caller_id = caller_id;
	return program;
}

/* What a full tail-call table holds are programs; slots that hold none are errors. */
static void pipeline_add_callees(struct pipeline *pipeline, int fd, const struct bpf_map_info *info,
				 __u32 caller_id)
{
	if (pipeline->table_count < PIPELINE_MAX_TABLES)
		pipeline->tables[pipeline->table_count++] = info->id;
	for (__u32 slot = 0; slot < info->max_entries && slot < MAX_TARGETS; slot++) {
		struct pipeline_program *program;
		__u32 id;

		if (bpf_map_lookup_elem(fd, &slot, &id))
			continue;
		program = pipeline_add_target(pipeline, id, caller_id);
		if (program)
			program->tail_called = true;
	}
}

struct entries {
	struct pipeline *pipeline;
	__u32 caller_id;
	char name[24];
};

static void pipeline_add_entry(void *data, __u32 id)
{
	const struct entries *entries = data;
	struct pipeline_program *program =
		pipeline_add_target(entries->pipeline, id, entries->caller_id);

	if (program)
		memcpy(program->entry, entries->name, sizeof(program->entry));
}

/* @caller_id uses the map, which is no hook. */
static void pipeline_add_targets(struct pipeline *pipeline, int fd, __u32 caller_id)
{
	struct entries entries = { .pipeline = pipeline, .caller_id = caller_id };
	struct bpf_map_info info;
	const char *kind;

	if (bpfinfo_map(fd, &info))
		return;
	if (info.type == BPF_MAP_TYPE_PROG_ARRAY)
		pipeline_add_callees(pipeline, fd, &info, caller_id);
	kind = entry_map_kind(&info);
	if (!kind)
		return;
	snprintf(entries.name, sizeof(entries.name), "%s %.15s", kind, info.name);
	utf8_to_ascii(entries.name);
	entry_map_each(fd, &info, pipeline_add_entry, &entries);
}

static __u32 pipeline_find_cell(const __u32 *maps, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		CLEANUP_FD int fd = bpf_map_get_fd_by_id(maps[i]);

		if (fd >= 0 && pipeline_is_reason_cell(fd))
			return maps[i];
	}
	return 0;
}

void pipeline_hook_use(struct pipeline_hook *hook, __u32 id, const __u32 *maps, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		if (maps[i] != hook->map_id)
			continue;
		hook->program_id = id;
		hook->cell_id = pipeline_find_cell(maps, count);
	}
}

/* Hooks may be several programs'. */
static void pipeline_note_hooks(struct pipeline *pipeline, __u32 program_id, const __u32 *maps,
				__u32 count)
{
	struct pipeline_program *program = pipeline_find_program(pipeline, program_id);

	for (unsigned int i = 0; program && i < pipeline->hook_count; i++) {
		const struct pipeline_hook *hook = &pipeline->hooks[i];

		for (__u32 m = 0; m < count; m++) {
			program->hooked |= maps[m] == hook->map_id && !hook->tag;
			program->tags |= maps[m] == hook->map_id && hook->tag;
		}
	}
}

static void pipeline_read_maps(struct pipeline *pipeline, __u32 program_id)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(program_id);
	struct bpf_prog_info info;
	__u32 maps[BPFINFO_MAX_MAPS];

	if (program < 0 || bpfinfo_program(program, &info, maps))
		return;
	for (__u32 i = 0; i < info.nr_map_ids; i++) {
		CLEANUP_FD int fd =
			pipeline_is_known(pipeline, maps[i]) ? -1 : bpf_map_get_fd_by_id(maps[i]);
		struct pipeline_hook hook;

		if (fd < 0)
			continue;
		if (pipeline_read_hook(fd, false, &hook)) {
			pipeline_add_targets(pipeline, fd, program_id);
			continue;
		}
		pipeline_hook_use(&hook, program_id, maps, info.nr_map_ids);
		pipeline_add_hook(pipeline, &hook, &fd);
	}
	pipeline_note_hooks(pipeline, program_id, maps, info.nr_map_ids);
}

static void pipeline_add_member(struct pipeline *pipeline, __u32 id, __u32 chain)
{
	struct pipeline_program *program = pipeline_add_program(pipeline, id);

	if (!program)
		return;
	program->member = true;
	program->chain = chain;
}

static void pipeline_read_members(struct pipeline *pipeline, const struct log *log)
{
	struct dispatcher_members members = { .ifindex = pipeline->root_ifindex };
	int err = dispatcher_members_read(&members, pipeline->root_id, log);

	for (unsigned int i = 0; !err && i < members.count; i++)
		pipeline_add_member(pipeline, members.member[i].id, members.member[i].chain);
}

/* If @last was read from the very dispatcher that is there now, take the members from it. */
static bool pipeline_keep_members(struct pipeline *pipeline, const struct pipeline *last)
{
	if (last->ifindex != pipeline->ifindex || last->root_id != pipeline->root_id)
		return false;
	for (unsigned int i = 0; i < last->program_count; i++)
		if (last->programs[i].member)
			pipeline_add_member(pipeline, last->programs[i].id,
					    last->programs[i].chain);
	return pipeline->program_count > 1;
}

static int pipeline_read_root(struct pipeline *pipeline, const struct pipeline *last,
			      const struct log *log)
{
	struct pipeline_program *root;
	int err = pipeline_read_devices(pipeline, last);

	if (err && err != -ENODEV)
		log_error(log, err, "cannot ask the kernel what is attached to %s: %s",
			  pipeline->ifname, strerror(-err));
	if (err)
		return err;
	root = pipeline_add_program(pipeline, pipeline->root_id);
	if (!root)
		return 0;
	root->root = true;
	pipeline->dispatcher = !strcmp(root->name, "xdp_dispatcher");
	/* libxdp makes a new dispatcher for every change */
	if (pipeline->dispatcher && !pipeline_keep_members(pipeline, last))
		pipeline_read_members(pipeline, log);
	if (pipeline->dispatcher && !pipeline_last_member(pipeline))
		pipeline->blind_looks =
			last->root_id == pipeline->root_id ? last->blind_looks + 1 : 1;
	return 0;
}

static int pipeline_read_again(struct pipeline *pipeline, const struct pipeline *last,
			       const char *ifname, __u32 ifindex, const struct log *log)
{
	int err;

	memset(pipeline, 0, sizeof(*pipeline));
	pipeline->ifindex = ifname ? if_nametoindex(ifname) : ifindex;
	if (ifname)
		snprintf(pipeline->ifname, sizeof(pipeline->ifname), "%s", ifname);
	else if (!if_indextoname(ifindex, pipeline->ifname))
		return -ENODEV;
	if (!pipeline->ifindex)
		return -ENODEV;
	err = pipeline_read_root(pipeline, last, log);
	if (err)
		return err;
	/* grows while it is walked: programs found by tail calls have maps too */
	for (unsigned int i = 0; i < pipeline->program_count; i++)
		pipeline_read_maps(pipeline, pipeline->programs[i].id);
	return 0;
}

/* What was open stays so until it has been read anew. */
int pipeline_read(struct pipeline *pipeline, const char *ifname, __u32 ifindex,
		  const struct log *log)
{
	struct pipeline last = { 0 };
	int err;

	if (!ifname)
		last = *pipeline;
	err = pipeline_read_again(pipeline, &last, ifname, ifindex, log);
	if (err)
		pipeline_keep_devices(pipeline, &last);
	pipeline_close(&last);
	return err;
}

void pipeline_close(struct pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++) {
		cleanup_fd(&pipeline->hooks[i].fd);
		pipeline->hooks[i].fd = -1;
	}
}
