/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Is what a ring holds a record? Nothing behind this check trusts ring bytes again.
 */
#ifndef XDPDROP_RECORD_RECORD_H
#define XDPDROP_RECORD_RECORD_H

#include <stddef.h>

#include <xdpdrop/record.h>

/* 0 if @size bytes at @data are one valid record, else -EPROTO; never reads beyond @size. */
int record_check(const void *data, size_t size);

#endif
