/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The instructions of a program with the descriptors of its maps, from which several programs are
 * loaded that differ in maps and constants. Preparing them takes longer than reading them.
 */
#ifndef XDPDROP_BPF_PROGRAM_IMAGE_H
#define XDPDROP_BPF_PROGRAM_IMAGE_H

#include <bpf/libbpf.h>

#include "program_constants.h"

struct program_image {
	struct bpf_insn *insns;
	__s8 *constant; /* of each instruction: index of the constant that it moves, or -1 */
	size_t count;
};

/*
 * Two functions around loading the object of @program make its image: libbpf puts descriptors into
 * instructions only when it loads them. program_image_begin() makes the program one that returns
 * at once, because what is loaded here never runs. program_image_finish() takes the instructions,
 * and puts @constants into them. @own: count of instructions without a filter, which has no
 * constants. Errors: -EOPNOTSUPP: the program has another form than expected; others. The image
 * is to be freed in any case.
 */
int program_image_begin(struct program_image *image, struct bpf_program *program, size_t own);
int program_image_finish(struct program_image *image, const struct bpf_program *program,
			 const struct xdpdrop_constants *constants);

/* Put @constants into @insns, which are those of @image or a copy. */
void program_image_put(const struct program_image *image, struct bpf_insn *insns,
		       const struct xdpdrop_constants *constants);

/* Replace each reference to map @old in @insns, of which there are @count. */
void program_image_replace_map(struct bpf_insn *insns, size_t count, int old, int map);

void program_image_free(struct program_image *image);

#endif
