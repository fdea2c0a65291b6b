/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is tested: the library's real capture program with a filter in it, run by the kernel on
 * one frame at a time, and asked what it decided through its own counters.
 */
#ifndef XDPDROP_TESTENV_SUBJECT_H
#define XDPDROP_TESTENV_SUBJECT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "filter/cbpf.h"

struct subject_maps;
struct xdpdrop_capture_bpf;

struct subject {
	struct subject_maps *maps;
	struct xdpdrop_capture_bpf *skel;
	int program;
};

/* The maps that all subjects share; NULL with errno set. */
struct subject_maps *subject_maps_new(void);
void subject_maps_free(struct subject_maps *maps);

/* Can frames have fragments here? */
bool subject_has_frags(const struct subject_maps *maps);

/* Load the capture program with @code in it; NULL: as it is. 0 or -errno. */
int subject_load(struct subject *subject, struct subject_maps *maps, const struct cbpf_code *code);
void subject_unload(struct subject *subject);

/*
 * Does the frame match? @linear: bytes of it in linear memory, 0: as many as fit.
 * 0 or 1; -errno: the kernel would not run the frame so (-ENOTSUP: not with this split).
 */
int subject_decide(const struct subject *subject, const void *frame, __u32 size, __u32 linear);

/* Mean ns per run over @repeat runs on one frame, or -errno. */
int subject_time(const struct subject *subject, const void *frame, __u32 size, __u32 repeat);

#endif
