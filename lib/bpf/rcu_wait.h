/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * When programs that have been replaced, or taken out of a table, have come to their ends.
 */
#ifndef XDPDROP_BPF_RCU_WAIT_H
#define XDPDROP_BPF_RCU_WAIT_H

/* Wait until no XDP program that was running when this was called is still running. */
void rcu_wait(void);

#endif
