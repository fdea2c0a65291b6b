/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The output "tcp-listen:ADDRESS:PORT": the sockets that listen there. Without an address they
 * listen at the loopback addresses of IPv4 and IPv6.
 */
#ifndef XDPDROP_LOADER_TCP_LISTEN_H
#define XDPDROP_LOADER_TCP_LISTEN_H

#include <stdbool.h>

#define TCP_LISTEN_MOST 2
#define TCP_LISTEN_NAME 80

struct tcp_listen {
	int fd[TCP_LISTEN_MOST];
	unsigned int count;
	char name[TCP_LISTEN_MOST][TCP_LISTEN_NAME]; /* "127.0.0.1:57012", "[::1]:57012" */
	bool reachable;				     /* from other machines */
};

/* Does the word in place of a file begin with "tcp-listen:"? */
bool tcp_listen_is(const char *word);

/*
 * Listen at the address that @word names. 0; -EINVAL: it is wrong; otherwise -errno. Then nothing
 * listens, and @why is the reason.
 */
int tcp_listen_open(struct tcp_listen *listen, const char *word, const char **why);

void tcp_listen_close(struct tcp_listen *listen);

#endif
