// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Copies in batches; by single entries where the kernel has no batches for the type of map. Other
 * processes may change the source meanwhile: the copy then has old and new entries.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "replay/fill.h"

#define FILL_BATCH 4096U
#define FILL_BATCH_MOST (1U << 20) /* a hash bucket may have more entries than a batch */

/* Bytes of a value at the interface of system calls: those of each CPU are padded. */
static size_t fill_value_size(const struct bpf_map_info *info)
{
	switch (info->type) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		return (info->value_size + 7UL) / 8 * 8 * libbpf_num_possible_cpus();
	default:
		return info->value_size;
	}
}

static long fill_copy_singly(int to, int from, const struct bpf_map_info *info)
{
	CLEANUP_FREE char *key = malloc(info->key_size);
	CLEANUP_FREE char *next = malloc(info->key_size);
	CLEANUP_FREE void *value = calloc(1, fill_value_size(info));
	char *last = NULL;
	long copied = 0;

	if (!key || !next || !value)
		return -ENOMEM;
	while (copied < (long)info->max_entries && !bpf_map_get_next_key(from, last, next)) {
		char *swap = key;

		key = next;
		next = swap;
		last = key;
		if (bpf_map_lookup_elem(from, key, value)) {
			if (errno != ENOENT)
				return -errno;
			continue; /* deleted since */
		}
		if (bpf_map_update_elem(to, key, value, BPF_ANY))
			return -errno;
		copied++;
	}
	return copied;
}

/* -EOPNOTSUPP before anything was copied: the kernel has no batches for this map. */
static long fill_copy_batches(int to, int from, const struct bpf_map_info *info, __u32 batch)
{
	size_t token = info->key_size < sizeof(__u64) ? sizeof(__u64) : info->key_size;
	CLEANUP_FREE void *keys = malloc((size_t)batch * info->key_size);
	CLEANUP_FREE void *values = malloc(batch * fill_value_size(info));
	CLEANUP_FREE void *position = malloc(token);
	bool begun = false, done = false;
	long copied = 0;

	if (!keys || !values || !position)
		return -ENOMEM;
	while (!done) {
		__u32 count = batch;

		if (bpf_map_lookup_batch(from, begun ? position : NULL, position, keys, values,
					 &count, NULL)) {
			if (errno != ENOENT)
				return !begun && errno != ENOSPC ? -EOPNOTSUPP : -errno;
			done = true;
		}
		begun = true;
		if (!count)
			break;
		copied += count;
		if (bpf_map_update_batch(to, keys, values, &count, NULL))
			return -errno;
	}
	return copied;
}

long fill_copy(int to, int from, const struct bpf_map_info *info)
{
	__u32 batch = info->max_entries < FILL_BATCH ? info->max_entries : FILL_BATCH;
	long copied;

	/* what is copied twice is the same */
	do
		copied = fill_copy_batches(to, from, info, batch);
	while (copied == -ENOSPC && (batch *= 4) <= FILL_BATCH_MOST);
	return copied == -EOPNOTSUPP ? fill_copy_singly(to, from, info) : copied;
}
