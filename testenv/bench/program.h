/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One program of bench.bpf.c or of another object, loaded; attaching, pinning and running it.
 */
#ifndef XDPDROP_BENCH_PROGRAM_H
#define XDPDROP_BENCH_PROGRAM_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#define MAX_FRAME 9000
/* A frame of more than this is not all linear in a test run. */
#define MAX_LINEAR 3400

struct program {
	const char *name;
	struct bpf_object *object;
	struct bpf_link *link; /* at the exit of another program */
	int fd;
	int cpus_used; /* CPUs that have a ring */
};

/* What differs between instances of one program. */
struct program_opts {
	const char *name;
	const char *object; /* where it is, NULL: bench.bpf.o, and the rest counts */
	__u32 frame_bytes;
	bool counted;
	bool pieces; /* takes frames that are not linear */
	__u8 reason;
	__u8 copy;		       /* enum bench_copy */
	struct bpf_object *rings_of;   /* share the rings of this object */
	const struct program *exit_of; /* run at the exits of this one */
};

/* Load it. 0, or -errno with what libbpf said in @why. */
int program_load(struct program *program, const struct program_opts *opts, char *why, size_t size);
void program_unload(struct program *program);

/* Attach it by netlink, natively; ends the bench when that fails. */
void program_attach(const struct program *program, __u32 ifindex);
void program_detach(__u32 ifindex);

void program_pin(const struct program *program, const char *map, const char *path);
int program_map(const struct program *program, const char *name);
__u64 program_lost(const struct program *program);
__u64 program_dropped(const struct program *program);

/* What a run takes, on this CPU. */
struct program_run {
	int fd;
	__u32 ifindex; /* that the frame came in on; 0: lo, the kernel's default */
	__u32 size;    /* bytes of the frame */
	bool tagged;   /* by a classifier that ran before */
	__u32 repeat;
};

/* ns per frame by the kernel's own measure, a whole number. Negative: -errno. */
double program_ns(const struct program_run *run);

/* ns per frame by the CPU time of the call: for many repetitions of something short. */
double program_cpu_ns(const struct program_run *run);

#endif
