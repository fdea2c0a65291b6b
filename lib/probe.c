// SPDX-License-Identifier: LGPL-2.1-only
/*
 * One small function per kernel feature, and the cache of their answers.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <stddef.h>

#include "cleanup.h"
#include "probe.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define INSN(op, dst, src, offset, immediate)                                                      \
	((struct bpf_insn){ .code = (op),                                                          \
			    .dst_reg = (dst),                                                      \
			    .src_reg = (src),                                                      \
			    .off = (offset),                                                       \
			    .imm = (immediate) })

static bool probe_ringbuf(void)
{
	return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1 &&
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ringbuf_reserve, NULL) == 1;
}

static bool probe_frags(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) == 1;
}

static bool probe_coarse_clock(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ktime_get_coarse_ns, NULL) == 1;
}

/* BTF of "int f(void *)": the verifier wants it of a subprogram that tail-calls. */
static int function_btf(struct btf **btf)
{
	int number, proto;

	*btf = btf__new_empty();
	if (!*btf)
		return -1;
	number = btf__add_int(*btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(*btf, number);
	btf__add_func_param(*btf, "ctx", btf__add_ptr(*btf, 0));
	btf__add_func(*btf, "f", BTF_FUNC_STATIC, proto);
	return btf__load_into_kernel(*btf);
}

/* A subprogram that tail-calls: refused where the JIT cannot return to its caller. */
static bool probe_subprog_tail_call(void)
{
	CLEANUP_FD int map =
		bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "xdpdrop_probe", 4, 4, 1, NULL);
	const struct bpf_insn program[] = {
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, 2, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 2),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	struct btf *btf = NULL;
	bool works = false;

	if (map >= 0 && !function_btf(&btf)) {
		const struct bpf_func_info functions[] = {
			{ .insn_off = 0, .type_id = btf__type_cnt(btf) - 1 },
			{ .insn_off = 2, .type_id = btf__type_cnt(btf) - 1 },
		};
		LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_btf_fd = btf__fd(btf),
			    .func_info = functions, .func_info_cnt = ARRAY_SIZE(functions),
			    .func_info_rec_size = sizeof(functions[0]));
		CLEANUP_FD int loaded = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_probe", "GPL",
						      program, ARRAY_SIZE(program), &opts);

		works = loaded >= 0;
	}
	btf__free(btf);
	return works;
}

/* Some kernels are built without, some hardened ones refuse with EPERM (no freplace, no fexit). */
static bool probe_trampoline(void)
{
	return libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_TRACING, NULL) == 1;
}

static const struct {
	const char *description;
	bool (*probe)(void);
} features[FEATURE_COUNT] = {
	[FEATURE_RINGBUF] = { "BPF ring buffers", probe_ringbuf },
	[FEATURE_FRAGS] = { "multi-buffer XDP frames", probe_frags },
	[FEATURE_COARSE_CLOCK] = { "coarse monotonic clock in BPF", probe_coarse_clock },
	[FEATURE_SUBPROG_TAIL_CALL] = { "tail calls from BPF subprograms",
					probe_subprog_tail_call },
	[FEATURE_TRAMPOLINE] = { "BPF trampolines (freplace, fentry, fexit)", probe_trampoline },
};

bool probe(enum feature feature)
{
	/* 0 not yet known, 1 no, 2 yes; a race costs a second, equal, answer */
	static _Atomic int cache[FEATURE_COUNT];

	if (!cache[feature])
		cache[feature] = 1 + features[feature].probe();
	return cache[feature] == 2;
}

const char *probe_describe(enum feature feature)
{
	return features[feature].description;
}
