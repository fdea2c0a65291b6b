/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of interfaces in a command line.
 */
#ifndef XDPDROP_LOADER_IFNAMES_H
#define XDPDROP_LOADER_IFNAMES_H

#include "options/cmdline.h"

/*
 * Check @names: one interface, whose name may have a comma, or several with commas between them.
 * Returns 0, or -EINVAL with @error filled.
 */
int ifnames_check(const char *names, struct cmdline_error *error);

#endif
