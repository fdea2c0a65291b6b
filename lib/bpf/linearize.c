// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Runs memory_map.bpf.c to find two addresses of the kernel, and gather.bpf.c on a frame in
 * fragments to test them. Right bytes prove that the layout of the kernel's structures and memory
 * is as assumed.
 */
#include "bpf/linearize.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "gather.skel.h"
#include "memory_map.skel.h"

#define FRAME_SIZE 12000 /* spans several pages */

/* The addresses on x86-64 without randomisation. */
static struct xdpdrop_memory_map memory_map = {
	.first_struct_page = 0xffffea0000000000,
	.first_page = 0xffff888000000000,
};

const struct xdpdrop_memory_map *linearize_memory_map(void)
{
	return &memory_map;
}

int linearize_create(unsigned int cpus)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpdrop_gather", sizeof(__u32),
				sizeof(struct xdpdrop_gathered), cpus, NULL);

	return fd < 0 ? -errno : fd;
}

static int linearize_run(int program, const void *frame, __u32 size)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = size, .repeat = 1);

	return bpf_prog_test_run_opts(program, &opts);
}

/* Load the programs, and find the addresses. Those from above stay if the kernel hides them. */
static int linearize_load_tried(struct xdpdrop_memory_map_bpf *skeleton)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err = xdpdrop_memory_map_bpf__load(skeleton);

	if (err)
		return err;
	err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.xdpdrop_find), &opts);
	if (!err && skeleton->bss->memory_map.first_struct_page &&
	    skeleton->bss->memory_map.first_page)
		memory_map = skeleton->bss->memory_map;
	return err;
}

static int linearize_load_try(struct xdpdrop_gather_bpf *skeleton, int tried, int map)
{
	int err =
		bpf_program__set_attach_target(skeleton->progs.xdpdrop_try, tried, "xdpdrop_tried");

	err = err ?: LINEARIZE_SHARE(map, skeleton);
	return err ?: xdpdrop_gather_bpf__load(skeleton);
}

static bool linearize_gathered(const struct xdpdrop_gather_bpf *skeleton, int map,
			       const __u8 *frame)
{
	CLEANUP_FREE struct xdpdrop_gathered *value = malloc(sizeof(*value));

	return value && skeleton->bss->gathered == FRAME_SIZE &&
	       !bpf_map_lookup_elem(map, &skeleton->bss->cpu, value) &&
	       !memcmp(value->bytes, frame, FRAME_SIZE);
}

static bool linearize_try(struct xdpdrop_gather_bpf *skeleton, int tried, int map)
{
	struct bpf_link *link = bpf_program__attach_trace(skeleton->progs.xdpdrop_try);
	__u8 frame[FRAME_SIZE];
	bool works;

	for (int i = 0; i < FRAME_SIZE; i++)
		frame[i] = i * 7 + (i >> 8);
	works = link && !linearize_run(tried, frame, sizeof(frame)) &&
		linearize_gathered(skeleton, map, frame);
	bpf_link__destroy(link);
	return works;
}

bool linearize_works(void)
{
	struct xdpdrop_memory_map_bpf *first = xdpdrop_memory_map_bpf__open();
	struct xdpdrop_gather_bpf *second = xdpdrop_gather_bpf__open();
	int cpus = libbpf_num_possible_cpus();
	CLEANUP_FD int map = linearize_create(cpus > 0 ? cpus : 1);
	bool works = false;

	if (first && second && map >= 0 && !linearize_load_tried(first)) {
		int tried = bpf_program__fd(first->progs.xdpdrop_tried);

		works = !linearize_load_try(second, tried, map) &&
			linearize_try(second, tried, map);
	}
	xdpdrop_gather_bpf__destroy(second);
	xdpdrop_memory_map_bpf__destroy(first);
	return works;
}
