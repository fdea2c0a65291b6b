/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random classic BPF programs that libpcap's validator accepts.
 */
#ifndef XDPDROP_TESTENV_PROGRAMS_H
#define XDPDROP_TESTENV_PROGRAMS_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

#include "random.h"

#define PROGRAM_MAX 200

/*
 * Writes a program and returns its length. @defined: keep to what means the same to libpcap and
 * to the kernel, which differ on shifts by 32 and more and on offsets that wrap.
 */
size_t program_random(struct sock_filter program[PROGRAM_MAX], bool defined, struct random *random);

#endif
