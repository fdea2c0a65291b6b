// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads the maps of programs. The type of a hook's values, or its name, was chosen by its author.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xdpdrop/record.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "bpf/bpfinfo.h"
#include "xdp/pipeline_maps.h"

#define LEAST_SLOTS 4
#define MOST_SLOTS 5

/*
 * Maximum number of slots read of one tail-call table: each takes a system call, twice a second.
 * The number of slots beyond is counted.
 */
#define MAX_TARGETS 65536

/* The name of the only member of a map's value type, which marks a hook. */
static int pipeline_maps_value_member(const struct bpf_map_info *info, char *name, size_t size)
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
 * Hooks are marked by BTF, xdpcap's hooks by their name. Negative: the mark cannot be read, and a
 * wrong guess could change verdicts.
 */
static int pipeline_maps_find_mark(const struct bpf_map_info *info, bool *tag)
{
	char member[32];
	int err = pipeline_maps_value_member(info, member, sizeof(member));
	bool known;

	*tag = !strcmp(member, "xdpdrop_tagged") || !strcmp(info->name, "xdpdrop_tags");
	known = *tag || !strcmp(member, "xdpdrop_reason") || !strcmp(info->name, "xdpcap_hook") ||
		!strcmp(info->name, "xdpdrop_hook");
	return known || !err ? known : err;
}

int pipeline_maps_read_hook(int fd, bool any, struct pipeline_hook *hook)
{
	struct bpf_map_info info;
	int err = bpfinfo_map(fd, &info), marked;
	bool tag;

	if (err)
		return err;
	if (info.type != BPF_MAP_TYPE_PROG_ARRAY || info.max_entries < LEAST_SLOTS ||
	    info.max_entries > MOST_SLOTS)
		return -ENOENT;
	marked = pipeline_maps_find_mark(&info, &tag);
	if (!any && marked <= 0)
		return marked ?: -ENOTUNIQ;
	*hook = (struct pipeline_hook){
		.map_id = info.id, .slots = info.max_entries, .tag = tag, .fd = -1
	};
	memcpy(hook->name, info.name, sizeof(hook->name) - 1);
	utf8_to_ascii(hook->name);
	return 0;
}

/*
 * Value in a cpumap or devmap: a queue size or an interface index, and since Linux 5.8 or 5.9 a
 * program id.
 */
struct entry {
	__u32 number;
	__u32 program_id;
};

/* The kind of a map with programs in its entries: "cpumap", "devmap", or NULL. */
static const char *pipeline_maps_entry_kind(const struct bpf_map_info *info)
{
	if (info->key_size != sizeof(__u32) || info->value_size != sizeof(struct entry))
		return NULL;
	switch (info->type) {
	case BPF_MAP_TYPE_CPUMAP:
		return "cpumap";
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
		return "devmap";
	}
	return NULL;
}

/*
 * Call @fn with each program id. If the map changes, the kernel may restart the walk at the first
 * key, so the number of steps is limited.
 */
static int pipeline_maps_entry_each(int fd, const struct bpf_map_info *info,
				    void (*fn)(void *data, __u32 id), void *data)
{
	__u32 key, *last = NULL;

	for (__u32 i = 0; i < 2 * info->max_entries && !bpf_map_get_next_key(fd, last, &key); i++) {
		struct entry entry = { 0 };

		last = &key;
		if (bpf_map_lookup_elem(fd, &key, &entry) && errno != ENOENT)
			return -errno;
		if (entry.program_id)
			fn(data, entry.program_id);
	}
	return 0;
}

static bool pipeline_maps_is_reason_cell(int fd)
{
	struct bpf_map_info info;

	return !bpfinfo_map(fd, &info) && info.type == BPF_MAP_TYPE_PERCPU_ARRAY &&
	       (info.value_size == sizeof(__u32) ||
		info.value_size == sizeof(struct xdpdrop_why)) &&
	       info.max_entries == 1 && !strcmp(info.name, "xdpdrop_reason");
}

/* Programs may share maps. Each map is opened once. */
bool pipeline_has_map(const struct pipeline *pipeline, __u32 map_id)
{
	for (unsigned int i = 0; i < pipeline->hook_count; i++)
		if (pipeline->hooks[i].map_id == map_id)
			return true;
	for (unsigned int i = 0; i < pipeline->table_count; i++)
		if (pipeline->tables[i] == map_id)
			return true;
	return false;
}

static void pipeline_maps_add_hook(struct pipeline *pipeline, struct pipeline_hook *hook, int *fd)
{
	if (!PIPELINE_GROW(pipeline, hooks, hook_count))
		return;
	hook->fd = take_fd(fd);
	pipeline->hooks[pipeline->hook_count++] = *hook;
}

static struct pipeline_program *pipeline_maps_add_target(struct pipeline *pipeline, __u32 id,
							 __u32 caller_id)
{
	struct pipeline_program *program =
		pipeline_add_program(pipeline, id) ?: pipeline_find_program(pipeline, id);

	if (program && !program->caller_id && id != caller_id)
		program->caller_id = caller_id;
	return program;
}

static void pipeline_maps_add_callee(struct pipeline *pipeline, int fd, __u32 slot, __u32 caller_id)
{
	struct pipeline_program *program;
	__u32 id;

	if (bpf_map_lookup_elem(fd, &slot, &id)) {
		pipeline_note_error(pipeline, -errno);
		return;
	}
	program = pipeline_maps_add_target(pipeline, id, caller_id);
	if (program)
		program->tail_called = true;
}

/* Mark the table as read in this pass. False: no memory. */
static bool pipeline_maps_note_table(struct pipeline *pipeline, __u32 id)
{
	if (!PIPELINE_GROW(pipeline, tables, table_count))
		return false;
	pipeline->tables[pipeline->table_count++] = id;
	return true;
}

/* A tail-call table holds programs. */
static void pipeline_maps_add_callees(struct pipeline *pipeline, int fd,
				      const struct bpf_map_info *info, __u32 caller_id)
{
	if (!pipeline_maps_note_table(pipeline, info->id))
		return;
	for (__u32 slot = 0; slot < info->max_entries && slot < MAX_TARGETS; slot++)
		pipeline_maps_add_callee(pipeline, fd, slot, caller_id);
	if (info->max_entries <= MAX_TARGETS)
		return;
	pipeline->long_table = info->id;
	pipeline->unread_slots += info->max_entries - MAX_TARGETS;
}

struct pipeline_entries {
	struct pipeline *pipeline;
	__u32 caller_id;
	char name[24];
};

static void pipeline_maps_add_entry(void *data, __u32 id)
{
	const struct pipeline_entries *entries = data;
	struct pipeline_program *program =
		pipeline_maps_add_target(entries->pipeline, id, entries->caller_id);

	if (program)
		memcpy(program->entry, entries->name, sizeof(program->entry));
}

/* Add the programs in the entries of a cpumap or devmap. False: it is another type of map. */
static bool pipeline_maps_add_entries(struct pipeline *pipeline, int fd,
				      const struct bpf_map_info *info, __u32 caller_id)
{
	struct pipeline_entries entries = { .pipeline = pipeline, .caller_id = caller_id };
	const char *kind = pipeline_maps_entry_kind(info);
	char name[sizeof(info->name) + 1];
	int err;

	if (!kind)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)sizeof(info->name), info->name);
	snprintf(entries.name, sizeof(entries.name), "%s %.15s", kind, name);
	utf8_to_ascii(entries.name);
	err = pipeline_maps_entry_each(fd, info, pipeline_maps_add_entry, &entries);
	if (err)
		pipeline_note_error(pipeline, err);
	return true;
}

/* Add the programs of an inner map. False: inner maps of this type contain no programs. */
static bool pipeline_maps_add_inner(struct pipeline *pipeline, __u32 id, __u32 caller_id)
{
	CLEANUP_FD int fd = -1;
	struct bpf_map_info info;
	int err;

	if (pipeline_has_map(pipeline, id))
		return true;
	fd = bpf_map_get_fd_by_id(id);
	err = fd < 0 ? -errno : bpfinfo_map(fd, &info);
	if (err) {
		pipeline_note_error(pipeline, err);
		return true;
	}
	return pipeline_maps_add_entries(pipeline, fd, &info, caller_id) &&
	       pipeline_maps_note_table(pipeline, id);
}

/* Inner maps can be cpumaps or devmaps, all of one type. They cannot be tail-call tables. */
static void pipeline_maps_add_inners(struct pipeline *pipeline, int fd,
				     const struct bpf_map_info *info, __u32 caller_id)
{
	bool is_hash = info->type == BPF_MAP_TYPE_HASH_OF_MAPS;
	CLEANUP_FREE void *key = NULL;
	void *last = NULL;
	__u32 id;

	if (!is_hash && info->type != BPF_MAP_TYPE_ARRAY_OF_MAPS)
		return;
	key = malloc(info->key_size);
	if (!key) {
		pipeline_note_error(pipeline, -ENOMEM);
		return;
	}
	for (__u32 i = 0; i < info->max_entries && i < MAX_TARGETS; i++, last = key) {
		if (bpf_map_get_next_key(fd, last, key))
			return;
		if (!bpf_map_lookup_elem(fd, key, &id) &&
		    !pipeline_maps_add_inner(pipeline, id, caller_id))
			return;
	}
	if (info->max_entries <= MAX_TARGETS)
		return;
	pipeline->long_table = info->id;
	pipeline->unread_slots += info->max_entries - MAX_TARGETS;
}

/* The other programs in a map that is no hook of program @caller_id. */
static void pipeline_maps_add_targets(struct pipeline *pipeline, int fd, __u32 caller_id)
{
	struct bpf_map_info info;
	int err = bpfinfo_map(fd, &info);

	if (err) {
		pipeline_note_error(pipeline, err);
		return;
	}
	if (info.type == BPF_MAP_TYPE_PROG_ARRAY)
		pipeline_maps_add_callees(pipeline, fd, &info, caller_id);
	else if (!pipeline_maps_add_entries(pipeline, fd, &info, caller_id))
		pipeline_maps_add_inners(pipeline, fd, &info, caller_id);
}

/* Find the map with the reason. *@id is 0 if there is none. Negative: a map cannot be read now. */
static int pipeline_maps_find_cell(const __u32 *maps, __u32 count, __u32 *id)
{
	int err = 0;

	*id = 0;
	for (__u32 i = 0; !*id && i < count; i++) {
		CLEANUP_FD int fd = bpf_map_get_fd_by_id(maps[i]);

		if (fd < 0)
			err = -errno;
		else if (pipeline_maps_is_reason_cell(fd))
			*id = maps[i];
	}
	return *id || err == -ENOENT || err == -EPERM ? 0 : err;
}

int pipeline_hook_use(struct pipeline_hook *hook, __u32 id, const __u32 *maps, __u32 count)
{
	for (__u32 i = 0; i < count; i++) {
		if (maps[i] != hook->map_id)
			continue;
		hook->program_id = id;
		return pipeline_maps_find_cell(maps, count, &hook->cell_id);
	}
	return 0;
}

/* A hook may belong to several programs. */
static void pipeline_maps_note_hooks(struct pipeline *pipeline, __u32 program_id, const __u32 *maps,
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

static void pipeline_maps_read_one(struct pipeline *pipeline, __u32 program_id, __u32 id,
				   const __u32 *maps, __u32 count)
{
	CLEANUP_FD int fd = bpf_map_get_fd_by_id(id);
	struct pipeline_hook hook;
	int err = fd < 0 ? -errno : pipeline_maps_read_hook(fd, false, &hook);

	/* a map whose type may not be read is not a hook that can be armed */
	if (fd >= 0 && (err == -ENOENT || err == -ENOTUNIQ || err == -EPERM)) {
		pipeline_maps_add_targets(pipeline, fd, program_id);
		return;
	}
	err = err ?: pipeline_hook_use(&hook, program_id, maps, count);
	if (err)
		pipeline_note_error(pipeline, err);
	else
		pipeline_maps_add_hook(pipeline, &hook, &fd);
}

void pipeline_maps_read(struct pipeline *pipeline, __u32 program_id)
{
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(program_id);
	__u32 maps[BPFINFO_MAX_MAPS];
	struct bpf_prog_info info;
	int err = program < 0 ? -errno : bpfinfo_program(program, &info, maps);

	if (err) {
		pipeline_note_error(pipeline, err);
		return;
	}
	for (__u32 i = 0; i < info.nr_map_ids; i++)
		if (!pipeline_has_map(pipeline, maps[i]))
			pipeline_maps_read_one(pipeline, program_id, maps[i], maps,
					       info.nr_map_ids);
	pipeline_maps_note_hooks(pipeline, program_id, maps, info.nr_map_ids);
}
