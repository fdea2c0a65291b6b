// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The XDR of a datagram, and its header (sFlow version 5, July 2004, section 5).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "output/sflow_datagram.h"

#define VERSION 5
#define WORD 4

enum { ADDRESS_IP4 = 1, ADDRESS_IP6 = 2 };

/* The place of @size more bytes, zeroed. NULL: no room. */
static __u8 *sflow_room(struct sflow_datagram *datagram, size_t size)
{
	__u8 *room = datagram->bytes + datagram->used;

	if (datagram->full || sizeof(datagram->bytes) - datagram->used < size) {
		datagram->full = true;
		return NULL;
	}
	memset(room, 0, size);
	datagram->used += size;
	return room;
}

static void sflow_write_u32(__u8 *to, __u32 value)
{
	to[0] = value >> 24;
	to[1] = value >> 16;
	to[2] = value >> 8;
	to[3] = value;
}

void sflow_put_u32(struct sflow_datagram *datagram, __u32 value)
{
	__u8 *room = sflow_room(datagram, WORD);

	if (room)
		sflow_write_u32(room, value);
}

void sflow_put_u64(struct sflow_datagram *datagram, __u64 value)
{
	sflow_put_u32(datagram, value >> 32);
	sflow_put_u32(datagram, value);
}

void sflow_put_opaque(struct sflow_datagram *datagram, const void *bytes, size_t length)
{
	__u8 *room;

	sflow_put_u32(datagram, length);
	room = sflow_room(datagram, (length + WORD - 1) / WORD * WORD);
	if (room && length)
		memcpy(room, bytes, length);
}

size_t sflow_begin(struct sflow_datagram *datagram, __u32 format)
{
	sflow_put_u32(datagram, format);
	sflow_put_u32(datagram, 0);
	return datagram->used;
}

void sflow_end(struct sflow_datagram *datagram, size_t begin)
{
	if (!datagram->full)
		sflow_write_u32(datagram->bytes + begin - WORD, datagram->used - begin);
}

static size_t sflow_header_size(const struct xdpdrop_sflow_agent *agent)
{
	return 6 * WORD + (agent->family == AF_INET6 ? 16 : 4);
}

void sflow_datagram_open(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent)
{
	if (!datagram->samples)
		datagram->used = sflow_header_size(agent);
	datagram->full = false;
}

int sflow_datagram_commit(struct sflow_datagram *datagram, size_t used)
{
	if (datagram->full) {
		datagram->used = used;
		return -ENOSPC;
	}
	datagram->samples++;
	return 0;
}

size_t sflow_datagram_finish(struct sflow_datagram *datagram,
			     const struct xdpdrop_sflow_agent *agent, __u32 uptime_ms)
{
	bool six = agent->family == AF_INET6;
	size_t size = datagram->used;
	__u32 samples = datagram->samples;

	if (!samples)
		return 0;
	datagram->used = datagram->samples = 0;
	datagram->full = false;
	sflow_put_u32(datagram, VERSION);
	sflow_put_u32(datagram, six ? ADDRESS_IP6 : ADDRESS_IP4);
	memcpy(sflow_room(datagram, six ? 16 : 4), agent->address, six ? 16 : 4);
	sflow_put_u32(datagram, agent->sub_agent);
	sflow_put_u32(datagram, ++datagram->sequence);
	sflow_put_u32(datagram, uptime_ms);
	sflow_put_u32(datagram, samples);
	return size;
}
