/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * eBPF instructions in the notation of the kernel's verifier and llvm-objdump.
 */
#ifndef XDPDROP_FILTER_EBPF_PRINT_H
#define XDPDROP_FILTER_EBPF_PRINT_H

#include <linux/bpf.h>
#include <stddef.h>

#define EBPF_PRINT_SIZE 80

/* Instruction number @at as text; jumps show the number they go to. */
void ebpf_print(char text[EBPF_PRINT_SIZE], const struct bpf_insn *insn, size_t at);

#endif
