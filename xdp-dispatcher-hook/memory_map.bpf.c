// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the two addresses that gather.bpf.h needs, and has the program at whose exit gather.bpf.c
 * tests them. The kernel looks up the symbols: reading all of /proc/kallsyms, as libbpf does for an
 * extern __ksym, takes longer than the rest of the start. Kernels with frames in fragments (5.18)
 * have bpf_kallsyms_lookup_name() (5.16).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "control.h"

struct xdpdrop_memory_map memory_map;

/* Copy a variable of the kernel, if it has one of that name. */
#define COPY_VARIABLE(to, name)                                                                    \
	({                                                                                         \
		static const char symbol[] = name;                                                 \
		__u64 address = 0;                                                                 \
                                                                                                   \
		if (!bpf_kallsyms_lookup_name(symbol, sizeof(symbol), 0, &address))                \
			bpf_probe_read_kernel(&(to), sizeof(to), (void *)address);                 \
	})

SEC("syscall")
int xdpdrop_find(void *ctx)
{
	COPY_VARIABLE(memory_map.first_struct_page, "vmemmap_base");
	COPY_VARIABLE(memory_map.first_page, "page_offset_base");
	return 0;
}

SEC("xdp.frags")
int xdpdrop_tried(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
