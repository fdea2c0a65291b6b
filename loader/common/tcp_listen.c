// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses are numbers: no name server decides where frames can be read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/tcp_listen.h"

#define PREFIX "tcp-listen:"
/* Clients that the kernel completes before they are accepted. */
#define WAITING 16
/* Attempts to find a port that is free in both families. */
#define MOST_TRIES 16

/* Parts of "ADDRESS:PORT". */
struct target {
	char address[INET6_ADDRSTRLEN + 32]; /* empty: loopback */
	char port[8];
};

bool tcp_listen_is(const char *word)
{
	return !strncmp(word, PREFIX, strlen(PREFIX));
}

static bool tcp_copy(char *text, size_t size, const char *from, size_t length)
{
	if (!length || length >= size)
		return false;
	memcpy(text, from, length);
	text[length] = '\0';
	return true;
}

/* Returns the text behind the address and its colon, or NULL. */
static const char *tcp_parse_address(struct target *target, const char *text)
{
	const char *start = *text == '[' ? text + 1 : text;
	const char *end = *text == '[' ? strchr(text, ']') : strchr(text, ':');

	target->address[0] = '\0';
	if (*text != '[' && !end)
		return text;
	if (!end || !tcp_copy(target->address, sizeof(target->address), start, end - start))
		return NULL;
	end += *text == '[';
	if (!strcmp(target->address, "localhost"))
		target->address[0] = '\0';
	return *end == ':' ? end + 1 : NULL;
}

static bool tcp_parse_port(struct target *target, const char *text)
{
	size_t length = strlen(text);
	unsigned int port;

	if (strspn(text, "0123456789") != length || length > 5 ||
	    !tcp_copy(target->port, sizeof(target->port), text, length))
		return false;
	return sscanf(text, "%u", &port) == 1 && port <= 65535;
}

static bool tcp_is_loopback(const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;

	if (address->sa_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* Sets the name, with the port that the kernel has chosen. */
static int tcp_name_socket(struct tcp_listen *listen, int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];
	bool six;

	if (getsockname(fd, (struct sockaddr *)&address, &size))
		return -errno;
	if (getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return -EINVAL;
	six = address.ss_family == AF_INET6;
	snprintf(listen->name[listen->count], TCP_LISTEN_NAME, "%s%.60s%s:%.8s", six ? "[" : "",
		 host, six ? "]" : "", port);
	listen->reachable |= !tcp_is_loopback((struct sockaddr *)&address);
	return 0;
}

/* @alone: the only socket; then [::] is every address of IPv4, too. */
static int tcp_open_socket(const struct addrinfo *info, bool alone)
{
	const int on = 1, off = 0;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* clients inherit it */
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, alone ? &off : &on, sizeof(on));
	if (!bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, WAITING))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* 0 or -errno; -EINVAL: the address is no number. */
static int tcp_add_socket(struct tcp_listen *listen, const char *address, const char *port,
			  bool alone)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *info;
	int fd, err;

	if (getaddrinfo(address, port, &hints, &info))
		return -EINVAL;
	fd = tcp_open_socket(info, alone);
	freeaddrinfo(info);
	if (fd < 0)
		return fd;
	err = tcp_name_socket(listen, fd);
	if (err) {
		close(fd);
		return err;
	}
	listen->fd[listen->count++] = fd;
	return 0;
}

/* A machine may be without IPv4 or IPv6. */
static bool tcp_is_missing(int err)
{
	return err == -EADDRNOTAVAIL || err == -EAFNOSUPPORT;
}

/* Both families have the same port. */
static int tcp_add_loopback(struct tcp_listen *listen, const char *port)
{
	int four = tcp_add_socket(listen, "127.0.0.1", port, false), six;

	if (four && !tcp_is_missing(four))
		return four;
	if (!four)
		port = strrchr(listen->name[0], ':') + 1;
	six = tcp_add_socket(listen, "::1", port, false);
	return six && (four || !tcp_is_missing(six)) ? six : 0;
}

static const char *tcp_explain(int err)
{
	switch (err) {
	case -EADDRINUSE:
		return "the port is in use; name another one, or 0 for any that is free";
	case -EADDRNOTAVAIL:
		return "this machine does not have that address";
	case -EACCES:
		return "the port is below 1024 and needs the capability CAP_NET_BIND_SERVICE";
	case -EINVAL:
		return "it is tcp-listen:PORT, tcp-listen:ADDRESS:PORT or "
		       "tcp-listen:[ADDRESS]:PORT, in numbers";
	default:
		return strerror(-err);
	}
}

int tcp_listen_open(struct tcp_listen *listen, const char *word, const char **why)
{
	struct target target;
	const char *port = tcp_parse_address(&target, word + strlen(PREFIX));
	int err = port && tcp_parse_port(&target, port) ? 0 : -EINVAL;
	int tries = 0;

	*listen = (struct tcp_listen){ 0 };
	if (!err && target.address[0])
		err = tcp_add_socket(listen, target.address, target.port, true);
	else if (!err)
		do {
			tcp_listen_close(listen);
			err = tcp_add_loopback(listen, target.port);
		} while (err == -EADDRINUSE && !atoi(target.port) && ++tries < MOST_TRIES);
	if (!err)
		return 0;
	tcp_listen_close(listen);
	*why = tcp_explain(err);
	return err;
}

void tcp_listen_close(struct tcp_listen *listen)
{
	while (listen->count)
		close(listen->fd[--listen->count]);
}
