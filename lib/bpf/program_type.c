// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Finds the type that a map or a program has.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "base/cleanup.h"
#include "bpf/insn.h"
#include "bpf/program_type.h"

struct program_type program_type(unsigned int number)
{
	static const __u32 attach_types[] = { 0, BPF_XDP, BPF_XDP_CPUMAP, BPF_XDP_DEVMAP };

	return (struct program_type){
		.attach_type = attach_types[number / PROGRAM_ROOT_TYPES * 2 + number % 2],
		.frags = number & 2,
	};
}

const char *program_type_name(struct program_type type)
{
	switch (type.attach_type) {
	case BPF_XDP:
		return "XDP";
	case BPF_XDP_CPUMAP:
		return "XDP_CPUMAP";
	case BPF_XDP_DEVMAP:
		return "XDP_DEVMAP";
	}
	return "0";
}

int program_type_set(struct bpf_program *program, struct program_type type)
{
	__u32 flags = bpf_program__flags(program) & ~BPF_F_XDP_HAS_FRAGS;
	int err = bpf_program__set_expected_attach_type(program, type.attach_type);

	return err   ?:
		       bpf_program__set_flags(program,
					      flags | (type.frags ? BPF_F_XDP_HAS_FRAGS : 0));
}

/*
 * Load a program that refers to the map. The kernel compares their types when it loads the program
 * (bpf_check_tail_call() in kernel/bpf/core.c). Returns the descriptor, or -errno.
 */
static int program_type_load(int map_fd, struct program_type type)
{
	const struct bpf_insn program[] = {
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type.attach_type,
		    .prog_flags = type.frags ? BPF_F_XDP_HAS_FRAGS : 0);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_probe", "GPL", program,
			       sizeof(program) / sizeof(*program), &opts);

	return fd < 0 ? -errno : fd;
}

bool program_type_fits_map(int map_fd, struct program_type type)
{
	CLEANUP_FD int program = program_type_load(map_fd, type);

	return program != -EINVAL;
}

bool program_type_fits_program(int program_fd, struct program_type type)
{
	const __u32 slot = 0;
	CLEANUP_FD int map = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "xdpdrop_probe", sizeof(__u32),
					    sizeof(__u32), 1, NULL);
	CLEANUP_FD int program = map < 0 ? map : program_type_load(map, type);

	return program < 0 || !bpf_map_update_elem(map, &slot, &program_fd, BPF_ANY) ||
	       errno != EINVAL;
}
