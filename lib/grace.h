/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When programs that have been replaced, or taken out of a table, have come to their ends.
 */
#ifndef XDPDROP_GRACE_H
#define XDPDROP_GRACE_H

/* Wait until no XDP program that was running when this was called is still running. */
void grace_wait(void);

#endif
