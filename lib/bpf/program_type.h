/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The types with which XDP programs are loaded. A PROG_ARRAY and a bpf_link accept programs of one
 * type only, and no call returns it.
 */
#ifndef XDPDROP_BPF_PROGRAM_TYPE_H
#define XDPDROP_BPF_PROGRAM_TYPE_H

#include <linux/types.h>
#include <stdbool.h>

struct bpf_program;

/* The types of programs on interfaces come first, then those of programs in cpumaps and devmaps. */
struct program_type {
	__u32 attach_type; /* expected_attach_type: 0, BPF_XDP, BPF_XDP_CPUMAP, BPF_XDP_DEVMAP */
	bool frags;	   /* BPF_F_XDP_HAS_FRAGS */
};
#define PROGRAM_ROOT_TYPES 4
#define PROGRAM_TYPES 8
struct program_type program_type(unsigned int number);

/* "0", "XDP", "XDP_CPUMAP" or "XDP_DEVMAP". */
const char *program_type_name(struct program_type type);

/* Set the @type with which an opened program is loaded. 0 or -errno. */
int program_type_set(struct bpf_program *program, struct program_type type);

/*
 * Does the PROG_ARRAY @map_fd accept XDP programs of @type? False only if the kernel returns
 * -EINVAL. Loads a program of three instructions, which takes much less time than a capture
 * program. The first program of a map sets its type: a map that never had one gets @type.
 */
bool program_type_fits_map(int map_fd, struct program_type type);

/* Does a PROG_ARRAY for programs of @type accept the loaded program @program_fd? */
bool program_type_fits_program(int program_fd, struct program_type type);

#endif
