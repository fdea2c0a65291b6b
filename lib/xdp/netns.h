/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Enters other network namespaces, to which an interface may have been moved with its programs.
 */
#ifndef XDPDROP_XDP_NETNS_H
#define XDPDROP_XDP_NETNS_H

/* Inode of this thread's network namespace; 0: unknown. */
unsigned int netns_inode(void);

/*
 * Open a namespace by its name in ip-netns(8), by the pid of a process in it, or by a path. Returns
 * a descriptor or -errno; -EINVAL: it is not a network namespace.
 */
int netns_open(const char *netns);

/* The stay of this thread in another namespace. */
struct netns_visit {
	int own; /* descriptor of the thread's own namespace; -1: not away */
};
#define NETNS_AT_HOME ((struct netns_visit){ .own = -1 })

/* Enter the namespace @fd. Errors: setns()'s, open()'s; then the thread has not moved. */
int netns_enter(struct netns_visit *visit, int fd);

/* Return to the own namespace, if the thread is not there. -errno: it could not. */
int netns_leave(struct netns_visit *visit);

/*
 * Call @fn in each network namespace of a process or a mount, with a name for netns_open(). The
 * first is this thread's own, with "". 0, or -errno: the thread could not return.
 */
typedef void (*netns_each_fn)(void *data, const char *netns);
int netns_each(netns_each_fn fn, void *data);

/*
 * Call @fn in each other network namespace of a process or a mount until it returns 0. Then this
 * thread is back in its own. 0; -ENODEV: @fn never returned 0; another error: the thread could not
 * return.
 */
typedef int (*netns_fn)(void *data);
int netns_search(netns_fn fn, void *data);

#endif
