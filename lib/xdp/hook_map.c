// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads what a hook's author left in the map: the type of its values, or its name.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "bpf/bpfinfo.h"
#include "xdp/hook_map.h"

#define LEAST_SLOTS 4
#define MOST_SLOTS 5

/* The name of the only member of a map's value type, in which a hook says what it is. */
static int hook_map_value_member(const struct bpf_map_info *info, char *name, size_t size)
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
static int hook_map_is_marked(const struct bpf_map_info *info, bool *tag)
{
	char member[32];
	int err = hook_map_value_member(info, member, sizeof(member));
	bool known;

	*tag = !strcmp(member, "xdpdrop_tagged") || !strcmp(info->name, "xdpdrop_tags");
	known = *tag || !strcmp(member, "xdpdrop_reason") || !strcmp(info->name, "xdpcap_hook") ||
		!strcmp(info->name, "xdpdrop_hook");
	return known || !err ? known : err;
}

int hook_map_read(int fd, bool any, struct pipeline_hook *hook)
{
	struct bpf_map_info info;
	int err = bpfinfo_map(fd, &info), marked;
	bool tag;

	if (err)
		return err;
	if (info.type != BPF_MAP_TYPE_PROG_ARRAY || info.max_entries < LEAST_SLOTS ||
	    info.max_entries > MOST_SLOTS)
		return -ENOENT;
	marked = hook_map_is_marked(&info, &tag);
	if (!any && marked <= 0)
		return marked ?: -ENOTUNIQ;
	*hook = (struct pipeline_hook){
		.map_id = info.id, .slots = info.max_entries, .tag = tag, .fd = -1
	};
	memcpy(hook->name, info.name, sizeof(hook->name) - 1);
	utf8_to_ascii(hook->name);
	return 0;
}
