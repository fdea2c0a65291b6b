/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Exceptions in words.
 */
#ifndef XDPDROP_RECORD_EXCEPTION_H
#define XDPDROP_RECORD_EXCEPTION_H

#include <stddef.h>

#include <xdpdrop/record.h>

/* The kernel's name of a tracepoint, XDPDROP_XDP_EXCEPTION ...; static, NULL if not known. */
const char *exception_tracepoint(__u32 number);

/* "xdp_exception: program id 12, action aborted"; of a record with XDPDROP_F_EXCEPTION. */
void exception_describe(const struct xdpdrop_record *record, char *text, size_t size);

#endif
