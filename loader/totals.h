/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A capture's frames by program and reason, for people.
 */
#ifndef XDPDROP_LOADER_TOTALS_H
#define XDPDROP_LOADER_TOTALS_H

#include <stdio.h>
#include <xdpdrop/xdpdrop.h>

/*
 * A line for each hook or program that saw frames, and below it one for each reason, those with the
 * most frames first. Nothing where that says no more than the totals: one capture point, no
 * reasons.
 */
void totals_print(FILE *stream, const struct xdpdrop *session);

#endif
