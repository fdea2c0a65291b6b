// SPDX-License-Identifier: GPL-2.0-only
/*
 * The budget, the datagrams and their socket. The socket is connected, so that the kernel reports
 * a port without a collector.
 */
#include "publish/sflow_send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/steady.h"
#include "publish/sflow_counters.h"

#define PORT "6343"
#define SECOND 1000000000ULL
#define COUNTERS_NS (20 * SECOND) /* between two samples of counters */

static bool sflow_is_port(const char *text)
{
	return *text && strlen(text) <= 5 && !text[strspn(text, "0123456789")] && atoi(text) > 0 &&
	       atoi(text) <= 65535;
}

/* Split "HOST", "HOST:PORT", "[ADDRESS]:PORT" or an address with several colons. False: neither. */
static bool sflow_split(const char *text, char *host, size_t size, const char **port)
{
	const char *start = *text == '[' ? text + 1 : text;
	const char *end = *text == '[' ? strchr(text, ']') : strchr(text, ':');
	size_t length;

	*port = PORT;
	if (*text != '[' && end && strchr(end + 1, ':'))
		end = NULL; /* an address of IPv6 without a port */
	if (*text == '[' && !end)
		return false;
	length = end ? (size_t)(end - start) : strlen(start);
	if (!length || length >= size)
		return false;
	memcpy(host, start, length);
	host[length] = '\0';
	if (!end)
		return true;
	end += *text == '[';
	if (*end == ':')
		*port = end + 1;
	return (*end == ':' && sflow_is_port(*port)) || !*end;
}

static int sflow_connect(struct sflow_send *sender, const char *collector, const char **why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *info, *next;
	char host[256];
	const char *port;
	int err;

	*why = "it is HOST, HOST:PORT or [ADDRESS]:PORT, and a port is 1 to 65535";
	if (!sflow_split(collector, host, sizeof(host), &port))
		return -EINVAL;
	err = getaddrinfo(host, port, &hints, &info);
	if (err) {
		*why = err == EAI_SYSTEM ? strerror(errno) : gai_strerror(err);
		return -EHOSTUNREACH;
	}
	err = -EHOSTUNREACH;
	for (next = info; next && sender->fd < 0; next = next->ai_next) {
		int fd = socket(next->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (fd >= 0 && !connect(fd, next->ai_addr, next->ai_addrlen)) {
			sender->fd = fd;
			break;
		}
		err = -errno;
		if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(info);
	*why = strerror(-err);
	return sender->fd < 0 ? err : 0;
}

/* The address of the socket. */
static int sflow_own_address(int fd, struct xdpdrop_sflow_agent *agent)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, &address.any, &size))
		return -errno;
	agent->family = address.any.sa_family;
	if (agent->family == AF_INET)
		memcpy(agent->address, &address.four.sin_addr, 4);
	else
		memcpy(agent->address, &address.six.sin6_addr, 16);
	return 0;
}

static int sflow_find_agent(const struct sflow_send *sender, const char *text,
			    struct xdpdrop_sflow_agent *agent, const char **why)
{
	int err;

	if (!text) {
		err = sflow_own_address(sender->fd, agent);
		*why = strerror(-err);
		return err;
	}
	agent->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	*why = "the agent is an address of IPv4 or IPv6, in numbers";
	return inet_pton(agent->family, text, agent->address) == 1 ? 0 : -EINVAL;
}

int sflow_send_open(struct sflow_send *sender, const struct sflow_send_options *options,
		    const char **why)
{
	struct sflow_send begun = {
		.agent = { .size = sizeof(begun.agent),
			   .sub_agent = options->sub_agent,
			   .discard = options->discard },
		.sub_agent_of_interface = options->sub_agent == SFLOW_SUB_AGENT_OF_INTERFACE,
		.fd = -1,
		.counters = -1,
		.rate = options->rate ? options->rate : SFLOW_RATE,
	};
	int err;

	*sender = begun;
	if (!options->collector)
		return 0;
	snprintf(sender->name, sizeof(sender->name), "%s", options->collector);
	err = sflow_connect(sender, options->collector, why);
	err = err ? err : sflow_find_agent(sender, options->agent, &sender->agent, why);
	if (!err) {
		err = sender->counters = sflow_counters_open(options->netns);
		*why = strerror(-err);
	}
	if (err < 0) {
		sflow_send_close(sender);
		return err;
	}
	sender->start_ns = sender->filled_ns = steady_ns();
	sender->budget = sender->rate;
	return 0;
}

static void sflow_report_failure(struct sflow_send *sender, int err)
{
	if (sender->refused)
		return;
	sender->refused = true;
	report_message(sender->report, XDPDROP_LOG_WARN,
		       "the sFlow collector %s does not receive: %s; samples are still sent, and "
		       "those that fail are counted",
		       sender->name, strerror(-err));
}

static int sflow_transmit(int fd, const void *datagram, size_t size)
{
	return send(fd, datagram, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* ECONNREFUSED is about the datagram before; this one was not sent yet. */
static void sflow_send_datagram(struct sflow_send *sender)
{
	__u32 uptime_ms = (steady_ns() - sender->start_ns) / 1000000;
	const void *datagram;
	size_t size = xdpdrop_sflow_finish(sender->encoder, uptime_ms, &datagram);
	int err;

	if (!size)
		return;
	err = sflow_transmit(sender->fd, datagram, size);
	if (err == -ECONNREFUSED) {
		sflow_report_failure(sender, err);
		sender->sent -= sender->last;
		sender->failed += sender->last;
		err = sflow_transmit(sender->fd, datagram, size);
	}
	if (err) {
		sflow_report_failure(sender, err);
		sender->failed += sender->pending;
		sender->pending = 0;
	}
	sender->sent += sender->pending;
	sender->last = sender->pending;
	sender->pending = 0;
}

static bool sflow_take_budget(struct sflow_send *sender, __u8 point)
{
	__u64 now = steady_ns();

	sender->budget += (double)(now - sender->filled_ns) / SECOND * sender->rate;
	if (sender->budget > sender->rate)
		sender->budget = sender->rate;
	sender->filled_ns = now;
	if (sender->budget < 1) {
		sender->over_budget++;
		sender->over[point]++;
		return false;
	}
	sender->budget--;
	return true;
}

/*
 * The pool of the interface of @point, and the samples that became none. Frames behind this sample
 * are not in the pool yet: collectors take the growth of the pool for what a sample stands for.
 */
static void sflow_sum(const struct sflow_send *sender, const struct xdpdrop_point *point,
		      struct xdpdrop_sflow_drop *drop)
{
	for (unsigned int i = 0; i < xdpdrop_point_count(sender->session); i++) {
		struct xdpdrop_point_stats stats = { .size = sizeof(stats) };

		if (xdpdrop_get_point(sender->session, i)->ifindex != point->ifindex ||
		    xdpdrop_get_point_stats(sender->session, i, &stats))
			continue;
		drop->pool += stats.seen - stats.filtered;
		drop->pool -= stats.captured - sender->taken[i & 0xff];
		drop->drops += stats.lost + stats.limited + sender->over[i & 0xff];
	}
}

/* Interfaces may come after the socket, so the encoder is made once it is needed. */
static int sflow_need_encoder(struct sflow_send *sender)
{
	if (sender->encoder)
		return 0;
	if (sender->sub_agent_of_interface)
		sender->agent.sub_agent = xdpdrop_get_point(sender->session, 0)->ifindex;
	return xdpdrop_sflow_new(&sender->encoder, &sender->agent);
}

int sflow_send_take(void *data, const struct xdpdrop_point *point,
		    const struct xdpdrop_record *record, __u64 realtime_ns)
{
	struct sflow_send *sender = data;
	struct xdpdrop_sflow_drop drop = { .size = sizeof(drop),
					   .record = record,
					   .link_type = point->link_type,
					   .program = point->program[0] ? point->program : NULL };
	int err;

	(void)realtime_ns;
	sender->taken[record->point]++;
	if (record->flags & XDPDROP_F_EXCEPTION || !sflow_take_budget(sender, record->point))
		return 0;
	if (record->reason)
		drop.reason = xdpdrop_reason_name(sender->session, record->point, record->reason);
	drop.code = xdpdrop_sflow_code(sender->session, record);
	sflow_sum(sender, point, &drop);
	err = sflow_need_encoder(sender);
	err = err ? err : xdpdrop_sflow_add_drop(sender->encoder, &drop);
	if (err == -ENOSPC) {
		sflow_send_datagram(sender);
		err = xdpdrop_sflow_add_drop(sender->encoder, &drop);
	}
	if (err)
		sender->failed++;
	else
		sender->pending++;
	return 0;
}

/* Has an interface been named by an earlier capture point? */
static bool sflow_is_known(const struct xdpdrop *session, unsigned int index)
{
	for (unsigned int i = 0; i < index; i++)
		if (xdpdrop_get_point(session, i)->ifindex ==
		    xdpdrop_get_point(session, index)->ifindex)
			return true;
	return false;
}

static void sflow_send_counters(struct sflow_send *sender)
{
	for (unsigned int i = 0; i < xdpdrop_point_count(sender->session); i++) {
		__u32 ifindex = xdpdrop_get_point(sender->session, i)->ifindex;
		struct xdpdrop_sflow_interface interface;

		if (sflow_is_known(sender->session, i) || sflow_need_encoder(sender) ||
		    sflow_counters_read(sender->counters, ifindex, &interface))
			continue;
		if (xdpdrop_sflow_add_interface(sender->encoder, &interface) != -ENOSPC)
			continue;
		sflow_send_datagram(sender);
		xdpdrop_sflow_add_interface(sender->encoder, &interface);
	}
}

void sflow_send_flush(struct sflow_send *sender)
{
	__u64 now;

	if (sender->fd < 0)
		return;
	now = steady_ns();
	if (!sender->counted_ns || now - sender->counted_ns >= COUNTERS_NS) {
		sender->counted_ns = now;
		sflow_send_counters(sender);
	}
	if (sender->encoder)
		sflow_send_datagram(sender);
}

void sflow_send_close(struct sflow_send *sender)
{
	if (sender->fd >= 0)
		close(sender->fd);
	if (sender->counters >= 0)
		close(sender->counters);
	xdpdrop_sflow_free(sender->encoder);
	sender->encoder = NULL;
	sender->fd = sender->counters = -1;
}
