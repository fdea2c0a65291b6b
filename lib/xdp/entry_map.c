// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Walks the entries of cpumaps and devmaps. Both have values of a number, which is the size of a
 * queue or an interface, and since Linux 5.8 and 5.9 a program.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stddef.h>

#include "xdp/entry_map.h"

struct entry {
	__u32 number;
	__u32 program_id;
};

const char *entry_map_kind(const struct bpf_map_info *info)
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

/* A map that changes meanwhile may be walked from its beginning again: not for ever. */
int entry_map_each(int fd, const struct bpf_map_info *info, void (*fn)(void *data, __u32 id),
		   void *data)
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
