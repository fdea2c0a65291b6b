/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limit of open descriptors of this process.
 */
#ifndef XDPDROP_DESCRIPTORS_H
#define XDPDROP_DESCRIPTORS_H

/* Raise it: each hook and program takes some, and there may be 256. */
void descriptors_raise_limit(void);

#endif
