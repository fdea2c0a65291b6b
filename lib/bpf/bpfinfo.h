/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What the kernel says of programs, maps and links of any origin.
 */
#ifndef XDPDROP_BPF_BPFINFO_H
#define XDPDROP_BPF_BPFINFO_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#define BPFINFO_MAX_MAPS 256

/* Info of a program. @maps, BPFINFO_MAX_MAPS long or NULL, gets its map ids. 0 or -errno. */
int bpfinfo_program(int fd, struct bpf_prog_info *info, __u32 *maps);

/* Is it a map, and not a program or link? The kernel describes each in a structure of its own. */
bool bpfinfo_is_map(int fd);

/* Info of a map. 0 or -errno. */
int bpfinfo_map(int fd, struct bpf_map_info *info);

/*
 * Name of a program, printable: the full one from its BTF when the kernel's 15 bytes cut it,
 * "<unnamed>" when it has none. Always terminates @name.
 */
void bpfinfo_program_name(int fd, char *name, size_t size);

/*
 * Full name of the program's function, from its BTF. -ENOENT: the program has no BTF; another
 * error: it cannot be read.
 */
int bpfinfo_function(int fd, char *name, size_t size);

/* Name of program @id as above; "<unknown>" when it is gone. */
void bpfinfo_name_by_id(__u32 id, char *name, size_t size);

/*
 * The first id above @id of a bpf_link by which program @program_id is attached to an interface
 * that has number @ifindex in some network namespace; 0: there is none.
 */
__u32 bpfinfo_xdp_link(__u32 id, __u32 ifindex, __u32 program_id);

/*
 * Does the kernel take the program at @fd into a PROG_ARRAY? Found by trying. Errors: -EINVAL: not
 * this program; an XDP program is device-bound then; others.
 */
int bpfinfo_try_tail_call(int fd);

#endif
