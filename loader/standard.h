/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The standard descriptors of a tool.
 */
#ifndef XDPDROP_STANDARD_H
#define XDPDROP_STANDARD_H

#include "report.h"

/* Open closed standard descriptors, so that no file opened later gets their numbers. */
void standard_fill(void);

/* Flush standard output. 0, or -errno after a message. */
int standard_flush(struct report *report);

#endif
