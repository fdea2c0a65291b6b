/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What to do about a failed call of the library, in terms of these tools: the library's messages
 * know nothing of them.
 */
#ifndef XDPDROP_HINT_H
#define XDPDROP_HINT_H

/* For -errno @err; @verbose: how often -v was given. NULL: there is nothing to add. */
const char *hint_after(int err, unsigned int verbose);

#endif
