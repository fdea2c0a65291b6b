// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Joins the maps of the object with those of the running program by name: the kernel has the first
 * 15 bytes of a map's name, and of global data ("fw.rodata") the last part is what counts.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "replay/fill.h"
#include "base/log.h"
#include "xdp/pipeline_maps.h"

static int fill_open_program(const char *name)
{
	int fd = name[strspn(name, "0123456789")] ? bpf_obj_get(name) :
						    bpf_prog_get_fd_by_id(strtoul(name, NULL, 10));

	return fd < 0 ? -errno : fd;
}

static int fill_add_source(struct fill *fill, __u32 id)
{
	CLEANUP_FD int fd = bpf_map_get_fd_by_id(id);
	struct fill_source *source;
	int err = fd < 0 ? -errno : 0;

	if (!err && !ARRAY_GROW(fill->source, fill->sources))
		err = -ENOMEM;
	if (err)
		return err;
	source = &fill->source[fill->sources];
	err = bpfinfo_map(fd, &source->info);
	if (err)
		return err;
	source->fd = take_fd(&fd);
	fill->sources++;
	return 0;
}

static int fill_open_sources(struct fill *fill, const char *name)
{
	CLEANUP_FD int fd = fill_open_program(name);
	struct bpf_prog_info info;
	__u32 maps[BPFINFO_MAX_MAPS];
	int err = fd < 0 ? fd : bpfinfo_is_map(fd) ? -EINVAL : bpfinfo_program(fd, &info, maps);

	for (__u32 i = 0; !err && i < info.nr_map_ids && i < BPFINFO_MAX_MAPS; i++)
		err = fill_add_source(fill, maps[i]);
	return err ? log_error(fill->log, err, "cannot copy maps: cannot open program %s: %s", name,
			       strerror(-err)) :
		     0;
}

static const char *fill_data_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? dot : name;
}

static bool fill_is_same_name(const char *ours, const char *theirs)
{
	ours = fill_data_name(ours);
	theirs = fill_data_name(theirs);
	return *ours == '.' ? !strcmp(ours, theirs) :
			      *ours && !strncmp(ours, theirs, BPF_OBJ_NAME_LEN - 1);
}

/* The running program's map of the same name, or NULL. */
static const struct fill_source *fill_find(const struct fill *fill, const struct bpf_map *map)
{
	for (unsigned int i = 0; i < fill->sources; i++)
		if (fill_is_same_name(bpf_map__name(map), fill->source[i].info.name))
			return &fill->source[i];
	return NULL;
}

static bool fill_has_shape(const struct bpf_map *map, const struct bpf_map_info *info)
{
	return bpf_map__type(map) == info->type && bpf_map__key_size(map) == info->key_size &&
	       bpf_map__value_size(map) == info->value_size;
}

/* Constants are set before the load, after which the kernel refuses to change them. */
static int fill_set_constants(struct bpf_map *map, const struct fill_source *source)
{
	CLEANUP_FREE void *value = malloc(source->info.value_size);
	__u32 zero = 0;

	if (!value)
		return -ENOMEM;
	if (bpf_map_lookup_elem(source->fd, &zero, value))
		return -errno;
	return bpf_map__set_initial_value(map, value, source->info.value_size);
}

/* The kernel has them as the object has; they are not the running program's. */
static bool fill_is_of_kernel(const struct bpf_map *map)
{
	return !strcmp(fill_data_name(bpf_map__name(map)), ".kconfig");
}

/* Also those of string literals, ".rodata.str1.1". */
static bool fill_is_constant(const struct bpf_map *map)
{
	return bpf_map__is_internal(map) && bpf_map__map_flags(map) & BPF_F_RDONLY_PROG;
}

static int fill_prepare_map(const struct fill *fill, struct bpf_map *map)
{
	const struct fill_source *source = fill_find(fill, map);

	if (!source || !fill_has_shape(map, &source->info) || fill_is_of_kernel(map))
		return 0;
	if (fill_is_constant(map))
		return fill_set_constants(map, source);
	return bpf_map__is_internal(map) ? 0 :
					   bpf_map__set_max_entries(map, source->info.max_entries);
}

int fill_begin(struct fill *fill, struct bpf_object *object, const struct xdpdrop_replay_opts *opts,
	       const struct log *log)
{
	struct bpf_map *map;
	int err = 0;

	*fill = (struct fill){ .object = object, .opts = opts, .log = log };
	if (!opts->copy_maps_from)
		return 0;
	err = fill_open_sources(fill, opts->copy_maps_from);
	if (err)
		return err;
	bpf_object__for_each_map(map, object)
	{
		err = fill_prepare_map(fill, map);
		if (err)
			return log_error(log, err, "cannot copy map %s: %s", bpf_map__name(map),
					 strerror(-err));
	}
	return 0;
}

/* Why the entries of a map cannot be copied, or NULL. */
static const char *fill_obstacle(const struct bpf_map *map, const struct fill_source *source)
{
	if (!source)
		return "the running program has no map of this name";
	if (!fill_has_shape(map, &source->info))
		return "it has another type, or other sizes of key or value";
	switch (source->info.type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_LPM_TRIE:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return NULL;
	default:
		return "maps of its type refer to programs, interfaces, sockets or other maps, or "
		       "cannot be read without a change";
	}
}

/* @what was copied: a number of entries, or constants. */
static void fill_report(const struct fill *fill, const char *name, const char *what,
			const struct bpf_map_info *info)
{
	const struct xdpdrop_replay_opts *opts = fill->opts;
	const char *type = libbpf_bpf_map_type_str(info->type);
	char line[512];

	snprintf(line, sizeof(line),
		 "%.200s: map %s: %s copied from map id %u (%s, key %u bytes, value %u bytes, "
		 "up to %u entries)",
		 opts->program, name, what, info->id, type ? type : "unknown type", info->key_size,
		 info->value_size, info->max_entries);
	if (opts->copied)
		opts->copied(opts->copied_data, line);
	else
		log_info(fill->log, "%s", line);
}

/* The replay puts programs of its own there. */
static bool fill_is_hook(const struct bpf_map *map)
{
	struct pipeline_hook hook;

	return !pipeline_maps_read_hook(bpf_map__fd(map), false, &hook);
}

static int fill_copy_map(const struct fill *fill, const struct bpf_map *map)
{
	const struct fill_source *source = fill_find(fill, map);
	const char *name = bpf_map__name(map), *why = fill_obstacle(map, source);
	char entries[64] = "constants";
	long copied;

	if (fill_is_of_kernel(map) || fill_is_hook(map))
		return 0;
	if (why) {
		log_warn(fill->log, "%s: map %s is not copied: %s", fill->opts->program, name, why);
		return 0;
	}
	if (!fill_is_constant(map)) {
		copied = fill_copy(bpf_map__fd(map), source->fd, &source->info);
		if (copied < 0)
			return log_error(fill->log, copied, "cannot copy map %s (id %u): %s", name,
					 source->info.id, strerror(-copied));
		snprintf(entries, sizeof(entries), "%ld entr%s", copied, copied == 1 ? "y" : "ies");
	}
	fill_report(fill, name, entries, &source->info);
	return 0;
}

/* "NAME=FILE" */
static int fill_from_file(const struct fill *fill, const char *assignment)
{
	const char *equal = strchr(assignment, '=');
	CLEANUP_FREE char *name = equal ? strndup(assignment, equal - assignment) : NULL;

	if (!equal || !equal[1] || equal == assignment)
		return log_error(fill->log, -EINVAL, "'%s' is not NAME=FILE of a map", assignment);
	return name ? fill_read_file(fill, name, equal + 1) : -ENOMEM;
}

/* "NAME:INDEX=PROGRAM" */
static int fill_tail(const struct fill *fill, const char *assignment)
{
	CLEANUP_FREE char *name = strdup(assignment);
	char *equal = name ? strchr(name, '=') : NULL, *colon, *end;
	struct bpf_program *program;
	struct bpf_map *map;
	unsigned long index;
	int fd;

	if (!name)
		return -ENOMEM;
	colon = equal ? memrchr(name, ':', equal - name) : NULL;
	index = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (!colon || end == colon + 1 || end != equal || index > UINT32_MAX)
		return log_error(fill->log, -EINVAL, "'%s' is not NAME:INDEX=PROGRAM", assignment);
	*colon = '\0';
	map = bpf_object__find_map_by_name(fill->object, name);
	program = bpf_object__find_program_by_name(fill->object, equal + 1);
	if (!map || bpf_map__type(map) != BPF_MAP_TYPE_PROG_ARRAY)
		return log_error(fill->log, -EINVAL, "the object has no PROG_ARRAY %s", name);
	if (!program)
		return log_error(fill->log, -EINVAL, "the object has no program %s", equal + 1);
	fd = bpf_program__fd(program);
	if (bpf_map_update_elem(bpf_map__fd(map), &(__u32){ index }, &fd, BPF_ANY))
		return log_error(fill->log, -errno, "cannot put program %s into %s[%lu]: %s",
				 equal + 1, name, index, strerror(errno));
	return 0;
}

int fill_maps(struct fill *fill)
{
	const struct xdpdrop_replay_opts *opts = fill->opts;
	const struct bpf_map *map;
	int err = 0;

	if (opts->copy_maps_from)
		bpf_object__for_each_map(map, fill->object) err = err ?: fill_copy_map(fill, map);
	for (const char *const *file = opts->map_files; !err && file && *file; file++)
		err = fill_from_file(fill, *file);
	for (const char *const *tail = opts->tails; !err && tail && *tail; tail++)
		err = fill_tail(fill, *tail);
	return err;
}

void fill_end(struct fill *fill)
{
	for (unsigned int i = 0; i < fill->sources; i++)
		close(fill->source[i].fd);
	free(fill->source);
	fill->source = NULL;
	fill->sources = 0;
}
