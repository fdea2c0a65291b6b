/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Reads the kernel's information about programs, maps and links of any owner.
 */
#ifndef XDPDROP_BPF_BPFINFO_H
#define XDPDROP_BPF_BPFINFO_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#define BPFINFO_MAX_MAPS 256

/*
 * Information about a program. @maps, an array of BPFINFO_MAX_MAPS or NULL, gets its map ids. 0 or
 * -errno.
 */
int bpfinfo_program(int fd, struct bpf_prog_info *info, __u32 *maps);

/*
 * Is it the descriptor of a map, not of a program or a link? Each kind has another information
 * structure.
 */
bool bpfinfo_is_map(int fd);

/* Information about a map. 0 or -errno. */
int bpfinfo_map(int fd, struct bpf_map_info *info);

/*
 * Open the map called @name that program @id uses. Its descriptor, with its information in @info,
 * or -errno. -ENOENT: the program has no such map, or does not exist.
 */
int bpfinfo_map_of(__u32 id, const char *name, struct bpf_map_info *info);

/*
 * Printable name of a program: the full one from its BTF if the kernel's 15 bytes truncate it;
 * "<unnamed>" if it has none. Always terminates @name.
 */
void bpfinfo_program_name(int fd, char *name, size_t size);

/*
 * Full name of the program's function, from its BTF. -ENOENT: the program has no BTF; another
 * error: it cannot be read.
 */
int bpfinfo_function(int fd, char *name, size_t size);

/* Name of program @id as above; "<unknown>" if it does not exist. */
void bpfinfo_name_by_id(__u32 id, char *name, size_t size);

/*
 * The first id above @id of a bpf_link that attaches program @program_id to an interface with index
 * @ifindex in some network namespace; 0: none.
 */
__u32 bpfinfo_xdp_link(__u32 id, __u32 ifindex, __u32 program_id);

/*
 * Does the kernel accept program @fd in a PROG_ARRAY? Found by trying. Errors: -EINVAL: it refuses
 * this program; an XDP program is device-bound then; others.
 */
int bpfinfo_try_tail_call(int fd);

/*
 * Has any program been loaded that uses the map? Inserting into a map without owner would type it
 * and lock its program out. 0, with the owner's BPF_PROG_TYPE_* in *@type; -ENOENT: none; other
 * errors: that cannot be found out now.
 */
int bpfinfo_owner_type(int map_fd, __u32 *type);

#endif
