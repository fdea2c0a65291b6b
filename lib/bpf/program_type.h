/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What XDP programs are loaded as. A PROG_ARRAY takes programs of one combination alone, and so
 * does a bpf_link; no call returns which one it is. Thread rules: any thread.
 */
#ifndef XDPDROP_BPF_PROGRAM_TYPE_H
#define XDPDROP_BPF_PROGRAM_TYPE_H

#include <linux/types.h>
#include <stdbool.h>

struct bpf_program;

/*
 * The combinations: those of programs that are attached to interfaces come first, then those of
 * programs in cpumaps and devmaps.
 */
struct program_type {
	__u32 attach_type; /* expected_attach_type: 0, BPF_XDP, BPF_XDP_CPUMAP, BPF_XDP_DEVMAP */
	bool frags;	   /* BPF_F_XDP_HAS_FRAGS */
};
#define PROGRAM_ROOT_TYPES 4
#define PROGRAM_TYPES 8
struct program_type program_type(unsigned int number);

/* "0", "XDP", "XDP_CPUMAP" or "XDP_DEVMAP". */
const char *program_type_name(struct program_type type);

/* Make an opened program be loaded as @type. 0 or -errno. */
int program_type_set(struct bpf_program *program, struct program_type type);

/*
 * Would the PROG_ARRAY @map_fd take XDP programs of @type? False only if the kernel says so. Tried
 * with a program of three instructions, in much less time than with one of ours. The map must have
 * had a program: the first one decides what it takes.
 */
bool program_type_fits_map(int map_fd, struct program_type type);

/* Would a PROG_ARRAY of programs of @type take the loaded program @program_fd? */
bool program_type_fits_program(int program_fd, struct program_type type);

#endif
