/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Texts for records of exceptions.
 */
#ifndef XDPDROP_RECORD_EXCEPTION_H
#define XDPDROP_RECORD_EXCEPTION_H

#include <stddef.h>

#include <xdpdrop/record.h>

/*
 * The kernel's name of tracepoint @number, XDPDROP_XDP_EXCEPTION and so on; static. NULL: unknown.
 */
const char *exception_tracepoint(__u32 number);

/* Describe a record with XDPDROP_F_EXCEPTION: "xdp_exception: program id 12, action aborted". */
void exception_describe(const struct xdpdrop_record *record, char *text, size_t size);

#endif
