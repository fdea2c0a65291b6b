// SPDX-License-Identifier: LGPL-2.1-only
/*
 * XDPDROP_HOOK puts the enum into the type of a hook's values.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "bpf/bpfinfo.h"
#include "tap/hook_reasons.h"

static int hook_reasons_add(struct reasons *reasons, const struct btf *btf,
			    const struct btf_type *type)
{
	const struct btf_enum *value = btf_enum(type);
	int err = 0;

	for (__u32 i = 0; !err && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, value[i].name_off);

		if (name && *name)
			err = reasons_append(reasons, value[i].val, name);
	}
	reasons_settle(reasons);
	return err;
}

int hook_reasons_read(struct reasons *reasons, const struct btf *btf, __u32 value_id)
{
	const struct btf_type *type = btf__type_by_id(btf, value_id);
	const struct btf_member *member;
	const char *name;

	if (!type || !btf_is_struct(type) || btf_vlen(type) != 1)
		return -ENOENT;
	member = btf_members(type);
	name = btf__name_by_offset(btf, member->name_off);
	if (!name || strcmp(name, "xdpdrop_reason"))
		return -ENOENT;
	type = btf__type_by_id(btf, btf__resolve_type(btf, member->type));
	return type && btf_is_enum(type) ? hook_reasons_add(reasons, btf, type) : 0;
}

void hook_reasons_of_map(struct reasons *reasons, int map_fd)
{
	struct bpf_map_info info;
	struct btf *btf = NULL;

	if (!bpfinfo_map(map_fd, &info) && info.btf_id)
		btf = btf__load_from_kernel_by_id(info.btf_id);
	if (btf)
		hook_reasons_read(reasons, btf, info.btf_value_type_id);
	btf__free(btf);
}
