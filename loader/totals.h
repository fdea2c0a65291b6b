/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prints a capture's frames by program and reason.
 */
#ifndef XDPDROP_LOADER_TOTALS_H
#define XDPDROP_LOADER_TOTALS_H

#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

/*
 * Print a line for each hook or program with frames, and below it one for each reason, those with
 * the most frames first. Prints nothing if there is only one capture point and no reason.
 */
void totals_print(FILE *stream, const struct xdpdrop *session);

#endif
