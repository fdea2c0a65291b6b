/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Probes for kernel features, once per process. Versions are never compared.
 */
#ifndef XDPDROP_BPF_PROBE_H
#define XDPDROP_BPF_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum feature {
	FEATURE_RINGBUF,
	FEATURE_FRAGS,
	FEATURE_UNALIGNED_LOADS,
	FEATURE_SUBPROG_TAIL_CALL,
	FEATURE_KERNEL_BTF,
	FEATURE_TRAMPOLINE,
	FEATURE_MEMBER_TAIL_CALL,
	FEATURE_RAW_TRACEPOINT,
	FEATURE_LINEARIZE,
	FEATURE_COUNT,
};

/* Does the kernel support @feature? Needs the privilege to load programs. Thread-safe. */
bool probe(enum feature feature);

/* Description of a feature; static. */
const char *probe_describe(enum feature feature);

/* What cannot be done without it; static. */
const char *probe_needed_by(enum feature feature);

/* 0, or -EOPNOTSUPP with the reason in @why: the kernel does not support @feature. */
int probe_need(enum feature feature, char *why, size_t size);

#endif
