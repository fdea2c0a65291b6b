/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Other network namespaces, where an interface may have been moved to with what is attached.
 */
#ifndef XDPDROP_XDP_NETNS_H
#define XDPDROP_XDP_NETNS_H

/* The one of this thread, as the kernel numbers it; 0 if /proc does not say. */
unsigned int netns_inode(void);

/*
 * Call @fn in each other network namespace of a process or a mount, until it returns 0; this
 * thread is back in its own then. 0, or -ENODEV: @fn never returned 0.
 */
typedef int (*netns_fn)(void *data);
int netns_search(netns_fn fn, void *data);

#endif
