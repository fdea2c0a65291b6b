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
 * Does the PROG_ARRAY @map_fd accept XDP programs of @type? False only after -EINVAL of the kernel.
 * A program of three instructions is loaded for it, which takes much less time than a capture
 * program. The map's first program decides its type: a map that never had one gets @type.
 */
bool program_type_fits_map(int map_fd, struct program_type type);

/* Does a PROG_ARRAY of programs of @type accept the loaded program @program_fd? Likewise. */
bool program_type_fits_program(int program_fd, struct program_type type);

#endif
