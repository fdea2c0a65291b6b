/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The generated code alone: the smallest program that calls it as its contract says, and that
 * returns what it decided. For the ways of loading that the capture program here does not use.
 */
#ifndef XDPDROP_TESTENV_RAW_H
#define XDPDROP_TESTENV_RAW_H

#include <linux/types.h>

#include "filter/cbpf.h"

/* Returns a program's descriptor or -errno; @log, if not NULL, gets the verifier's words. */
int raw_load(const struct cbpf_code *code, enum cbpf_loads loads, char *log, __u32 log_size);

/* 0 or 1, or -errno. @linear as in subject_decide(). */
int raw_decide(int program, const void *frame, __u32 size, __u32 linear);

#endif
