// SPDX-License-Identifier: LGPL-2.1-only
/*
 * An update of a map of maps from user space returns only after an RCU grace period
 * (maybe_wait_bpf_programs() in kernel/bpf/syscall.c), in which XDP programs run; where no map can
 * be made, membarrier(2) does, if there is more than one CPU.
 */
#include <bpf/bpf.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/rcu_wait.h"

void rcu_wait(void)
{
	CLEANUP_FD int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "xdpdrop_grace", sizeof(__u32),
					      sizeof(__u32), 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = inner);
	CLEANUP_FD int outer = inner < 0 ?
				       -1 :
				       bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "xdpdrop_grace",
						      sizeof(__u32), sizeof(__u32), 1, &opts);
	const __u32 slot = 0;

	if (outer < 0 || bpf_map_update_elem(outer, &slot, &inner, BPF_ANY))
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
