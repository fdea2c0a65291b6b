// SPDX-License-Identifier: LGPL-2.1-only
/*
 * One function per kernel feature, and a cache of the results. A probe uses the feature completely:
 * a kernel that loads a program may still refuse to attach it.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "bpf/linearize.h"
#include "bpf/insn.h"
#include "bpf/probe.h"
#include "tag.skel.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static bool probe_ringbuf(void)
{
	return libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL) == 1 &&
	       libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_ringbuf_reserve, NULL) == 1;
}

static bool probe_frags(void)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_XDP, BPF_FUNC_xdp_load_bytes, NULL) == 1;
}

/* An Ethernet header has 14 bytes, so most packet fields are unaligned. */
static bool probe_unaligned_loads(void)
{
	const struct bpf_insn program[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct xdp_md, data), 0),
		INSN(BPF_LDX | BPF_MEM | BPF_W, 3, 1, offsetof(struct xdp_md, data_end), 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, 1 + sizeof(__u64)),
		INSN(BPF_JMP | BPF_JGT | BPF_X, 4, 3, 1, 0),
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 0, 2, 1, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	CLEANUP_FD int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_probe", "GPL", program,
					  ARRAY_SIZE(program), NULL);

	return fd >= 0;
}

/* BTF of "int f(void *)". The verifier requires it for a subprogram that tail-calls. */
static int probe_function_btf(struct btf **btf)
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

/* A tail call from a subprogram is refused if the JIT cannot return to the caller. */
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

	if (map >= 0 && !probe_function_btf(&btf)) {
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

/* The usual place is checked first, because reading BTF takes a while. */
static bool probe_kernel_btf(void)
{
	struct btf *btf;
	bool found;

	if (!access("/sys/kernel/btf/vmlinux", R_OK))
		return true;
	btf = btf__load_vmlinux_btf();
	found = !libbpf_get_error(btf);
	if (found)
		btf__free(btf);
	return found;
}

/* Attach an fexit program to the function of @btf. */
static bool probe_fexit(struct btf *btf)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	const struct bpf_func_info function = { .type_id = btf__type_cnt(btf) - 1 };
	LIBBPF_OPTS(bpf_prog_load_opts, target_opts, .prog_btf_fd = btf__fd(btf),
		    .func_info = &function, .func_info_cnt = 1,
		    .func_info_rec_size = sizeof(function));
	CLEANUP_FD int target = bpf_prog_load(BPF_PROG_TYPE_XDP, "xdpdrop_probe", "GPL", program,
					      ARRAY_SIZE(program), &target_opts);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FEXIT,
		    .attach_prog_fd = target, .attach_btf_id = function.type_id);
	CLEANUP_FD int fexit = target < 0 ?
				       -1 :
				       bpf_prog_load(BPF_PROG_TYPE_TRACING, "xdpdrop_probe", "GPL",
						     program, ARRAY_SIZE(program), &opts);
	CLEANUP_FD int link = fexit < 0 ? -1 : bpf_raw_tracepoint_open(NULL, fexit);

	return link >= 0;
}

/*
 * Some kernels are built without trampolines. Some hardened ones refuse freplace and fexit with
 * EPERM. Others, such as arm64 before 6.0, load such programs but cannot attach them.
 */
static bool probe_trampoline(void)
{
	struct btf *btf = NULL;
	bool works = !probe_function_btf(&btf) && probe_fexit(btf);

	btf__free(btf);
	return works;
}

/*
 * Set the number of members to one; otherwise the verifier removes the functions that members
 * replace. The number is byte 0 of the configuration, or byte 2 in newer versions, where the code
 * does not read bytes 0 and 1.
 */
static int probe_configure_dispatcher(struct bpf_object *object)
{
	struct bpf_map *map = NULL;

	while ((map = bpf_object__next_map(object, map))) {
		char config[512] = { 0 };
		size_t size = bpf_map__value_size(map);

		if (bpf_map__type(map) != BPF_MAP_TYPE_ARRAY || size < 3 || size > sizeof(config))
			continue;
		memset(config, 1, 3);
		return bpf_map__set_initial_value(map, config, size);
	}
	return -ENOENT;
}

/* Attach our tag member, which tail-calls, as an extension of @dispatcher. */
static bool probe_extension(int dispatcher)
{
	struct xdpdrop_tag_bpf *skeleton = xdpdrop_tag_bpf__open();
	struct bpf_link *link = NULL;
	struct bpf_program *member;

	if (!skeleton)
		return false;
	member = skeleton->progs.xdpdrop_tag_tap;
	if (!bpf_program__set_type(member, BPF_PROG_TYPE_EXT) &&
	    !bpf_program__set_expected_attach_type(member, 0) &&
	    !bpf_program__set_attach_target(member, dispatcher, "prog0") &&
	    !xdpdrop_tag_bpf__load(skeleton))
		link = bpf_program__attach_freplace(member, 0, NULL);
	bpf_link__destroy(link);
	xdpdrop_tag_bpf__destroy(skeleton);
	return link;
}

/*
 * Newer kernels check whether an extension may change packet data, which would invalidate pointers
 * of the dispatcher. A tail call may. The dispatcher of libxdp before 1.5.5 does not allow it.
 */
static bool probe_member_tail_call(void)
{
	struct xdp_program_opts source = {
		.sz = sizeof(source),
		.find_filename = "xdp-dispatcher.o",
		.prog_name = "xdp_dispatcher",
	};
	struct xdp_program *dispatcher = xdp_program__create(&source);
	const struct bpf_program *program;
	struct bpf_object *object;
	bool works;

	if (libxdp_get_error(dispatcher))
		return false;
	object = xdp_program__bpf_obj(dispatcher);
	program = bpf_object__find_program_by_name(object, source.prog_name);
	works = program && !probe_configure_dispatcher(object) && !bpf_object__load(object) &&
		probe_extension(bpf_program__fd(program));
	xdp_program__close(dispatcher);
	return works;
}

static bool probe_raw_tracepoint(void)
{
	const struct bpf_insn program[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	CLEANUP_FD int loaded = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "xdpdrop_probe", "GPL",
					      program, ARRAY_SIZE(program), NULL);
	CLEANUP_FD int link = loaded < 0 ? -1 : bpf_raw_tracepoint_open("xdp_exception", loaded);

	return link >= 0;
}

static bool probe_linearize(void)
{
	return probe(FEATURE_TRAMPOLINE) && probe(FEATURE_KERNEL_BTF) && probe(FEATURE_FRAGS) &&
	       linearize_works();
}

static const struct {
	const char *description;
	bool (*probe)(void);
	const char *needed_by;
} features[FEATURE_COUNT] = {
	[FEATURE_RINGBUF] = { "BPF ring buffers", probe_ringbuf, "every tap" },
	[FEATURE_FRAGS] = { "multi-buffer XDP frames", probe_frags, "frames in fragments" },
	[FEATURE_UNALIGNED_LOADS] = { "unaligned loads from packets", probe_unaligned_loads,
				      "fast filters" },
	[FEATURE_SUBPROG_TAIL_CALL] = { "tail calls from BPF subprograms", probe_subprog_tail_call,
					"tap wrap" },
	[FEATURE_KERNEL_BTF] = { "readable types of its own (BTF)", probe_kernel_btf,
				 "tap exit, exceptions, and programs in several namespaces" },
	[FEATURE_TRAMPOLINE] = { "BPF trampolines (freplace, fentry, fexit)", probe_trampoline,
				 "tap exit, and members of libxdp's dispatcher (so tap tag)" },
	[FEATURE_MEMBER_TAIL_CALL] = { "tail calls in members of libxdp's dispatcher",
				       probe_member_tail_call,
				       "tap tag, and tap hook in a dispatcher" },
	[FEATURE_RAW_TRACEPOINT] = { "BPF programs at XDP's tracepoints", probe_raw_tracepoint,
				     "exceptions" },
	[FEATURE_LINEARIZE] = { "fragments at the exits of programs", probe_linearize,
				"frames in fragments with tap exit" },
};

bool probe(enum feature feature)
{
	/* 0 unknown, 1 no, 2 yes; a race only computes the same answer twice */
	static _Atomic int cache[FEATURE_COUNT];

	if (!cache[feature])
		cache[feature] = 1 + features[feature].probe();
	return cache[feature] == 2;
}

const char *probe_describe(enum feature feature)
{
	return features[feature].description;
}

const char *probe_needed_by(enum feature feature)
{
	return features[feature].needed_by;
}

int probe_need(enum feature feature, char *why, size_t size)
{
	if (probe(feature))
		return 0;
	snprintf(why, size, "this kernel has no %s, or refuses them", probe_describe(feature));
	return -EOPNOTSUPP;
}
