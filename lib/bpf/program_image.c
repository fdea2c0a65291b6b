// SPDX-License-Identifier: LGPL-2.1-only
#include "bpf/program_image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/constants.h"
#include "bpf/insn.h"

#define MAX_JUMP 32767

static bool program_image_is_wide(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW);
}

/* Index of an exit that the second instruction can jump to, or -EOPNOTSUPP. */
static long program_image_find_exit(const struct bpf_insn *insns, size_t count)
{
	for (size_t i = 2; i < count && i < MAX_JUMP; i++)
		if (insns[i].code == (BPF_JMP | BPF_EXIT))
			return i;
	return -EOPNOTSUPP;
}

/*
 * A condition, because the verifier refuses code that no jump leads to. It does not follow the
 * other branch, and removes it at once.
 */
static int program_image_end_early(struct bpf_program *program, const struct program_image *image)
{
	long exit = program_image_find_exit(image->insns, image->count);
	CLEANUP_FREE struct bpf_insn *insns = NULL;

	/* libbpf changes instructions that load addresses */
	if (exit < 0 || program_image_is_wide(&image->insns[0]) ||
	    program_image_is_wide(&image->insns[1]))
		return -EOPNOTSUPP;
	insns = malloc(image->count * sizeof(*insns));
	if (!insns)
		return -ENOMEM;
	memcpy(insns, image->insns, image->count * sizeof(*insns));
	insns[0] = INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	insns[1] = INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, exit - 2, 0);
	return bpf_program__set_insns(program, insns, image->count);
}

int program_image_begin(struct program_image *image, struct bpf_program *program, size_t own)
{
	size_t count = bpf_program__insn_cnt(program);

	*image = (struct program_image){ .insns = malloc(count * sizeof(*image->insns)),
					 .constant = malloc(count * sizeof(*image->constant)),
					 .count = count };
	if (!image->insns || !image->constant)
		return -ENOMEM;
	memcpy(image->insns, bpf_program__insns(program), count * sizeof(*image->insns));
	for (size_t i = 0; i < count; i++)
		image->constant[i] = i < own ? constants_index(&image->insns[i]) : -1;
	return program_image_end_early(program, image);
}

int program_image_finish(struct program_image *image, const struct bpf_program *program,
			 const struct xdpdrop_constants *constants)
{
	/* libbpf appends functions */
	if (bpf_program__insn_cnt(program) != image->count)
		return -EOPNOTSUPP;
	memcpy(image->insns + 2, bpf_program__insns(program) + 2,
	       (image->count - 2) * sizeof(*image->insns));
	program_image_put(image, image->insns, constants);
	return 0;
}

void program_image_put(const struct program_image *image, struct bpf_insn *insns,
		       const struct xdpdrop_constants *constants)
{
	for (size_t i = 0; i < image->count; i++)
		if (image->constant[i] >= 0)
			constants_set(&insns[i], image->constant[i], constants);
}

void program_image_replace_map(struct bpf_insn *insns, size_t count, int old, int map)
{
	for (size_t i = 0; i < count; i += program_image_is_wide(&insns[i]) ? 2 : 1)
		if (program_image_is_wide(&insns[i]) && insns[i].imm == old &&
		    (insns[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     insns[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			insns[i].imm = map;
}

void program_image_free(struct program_image *image)
{
	free(image->insns);
	free(image->constant);
	*image = (struct program_image){ 0 };
}
