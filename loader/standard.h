/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Standard input, output and error of a tool.
 */
#ifndef XDPDROP_STANDARD_H
#define XDPDROP_STANDARD_H

#include "report.h"

/* Open those that are closed: no file that is opened later may take their numbers. */
void standard_fill(void);

/* Write what is buffered for standard output. 0, or -errno after a message. */
int standard_flush(struct report *report);

#endif
