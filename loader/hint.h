/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hints for failed library calls, in terms of the tools' options: the library's messages do not
 * name these.
 */
#ifndef XDPDROP_HINT_H
#define XDPDROP_HINT_H

/* The hint for -errno @err. @verbose: number of -v options. NULL: none. */
const char *hint_after(int err, unsigned int verbose);

#endif
