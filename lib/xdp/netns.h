/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Other network namespaces, where an interface may have been moved to with what is attached.
 */
#ifndef XDPDROP_XDP_NETNS_H
#define XDPDROP_XDP_NETNS_H

/* The one of this thread, as the kernel numbers it; 0 if /proc does not say. */
unsigned int netns_inode(void);

/*
 * A namespace by its name for ip-netns(8), by the number of a process in it, or by a path: its
 * descriptor, or -errno; -EINVAL: it is something else.
 */
int netns_open(const char *netns);

/* This thread in another namespace. */
struct netns_visit {
	int own; /* descriptor of the one to come back to; -1: it is there */
};
#define NETNS_AT_HOME ((struct netns_visit){ .own = -1 })

/* Errors: setns()'s, open()'s; then the thread is where it was. */
int netns_enter(struct netns_visit *visit, int fd);

/* Come back. -errno: the thread could not. Nothing to do at home. */
int netns_leave(struct netns_visit *visit);

/*
 * Call @fn in each network namespace of a process or a mount, this thread's first, with what
 * netns_open() takes for it; "" for the first. 0, or -errno: the thread could not come back.
 */
typedef void (*netns_each_fn)(void *data, const char *netns);
int netns_each(netns_each_fn fn, void *data);

/*
 * Call @fn in each other network namespace of a process or a mount, until it returns 0; this
 * thread is back in its own then. 0, or -ENODEV: @fn never returned 0; another error: the thread
 * could not come back.
 */
typedef int (*netns_fn)(void *data);
int netns_search(netns_fn fn, void *data);

#endif
