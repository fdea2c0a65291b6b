// SPDX-License-Identifier: LGPL-2.1-only
/*
 * The public functions of sflow.h. Owns an encoder: its datagram and the numbers of its sources.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "api/session.h"
#include "api/sized.h"
#include "base/array.h"
#include "output/sflow_datagram.h"
#include "sflow.h"

#define MAX_INDEX 0xffffff /* of a source in the compact form */

struct xdpdrop_sflow {
	struct xdpdrop_sflow_agent agent;
	struct sflow_datagram datagram;
	struct sflow_source *source;
	size_t count;
};

int xdpdrop_sflow_new(struct xdpdrop_sflow **encoder, const struct xdpdrop_sflow_agent *agent)
{
	struct xdpdrop_sflow *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	err = sized_read(&made->agent, sizeof(made->agent), agent);
	if (!err && made->agent.family != AF_INET && made->agent.family != AF_INET6)
		err = -EINVAL;
	if (err) {
		free(made);
		return err;
	}
	*encoder = made;
	return 0;
}

void xdpdrop_sflow_free(struct xdpdrop_sflow *encoder)
{
	if (!encoder)
		return;
	free(encoder->source);
	free(encoder);
}

/* NULL: no memory. */
static struct sflow_source *sflow_source(struct xdpdrop_sflow *encoder, __u32 ifindex)
{
	for (size_t i = 0; i < encoder->count; i++)
		if (encoder->source[i].ifindex == ifindex)
			return &encoder->source[i];
	if (!ARRAY_GROW(encoder->source, encoder->count))
		return NULL;
	encoder->source[encoder->count] = (struct sflow_source){ .ifindex = ifindex };
	return &encoder->source[encoder->count++];
}

/* Can samples of this kind be added? */
static bool sflow_takes(const struct xdpdrop_sflow *encoder, bool discards)
{
	return !encoder->datagram.samples || encoder->datagram.discards == discards;
}

int xdpdrop_sflow_add_drop(struct xdpdrop_sflow *encoder, const struct xdpdrop_sflow_drop *given)
{
	bool discard = encoder->agent.discard;
	struct xdpdrop_sflow_drop drop;
	struct sflow_source *source;

	if (sized_read(&drop, sizeof(drop), given) || drop.code > XDPDROP_SFLOW_MAX_CODE ||
	    drop.record->flags & XDPDROP_F_EXCEPTION)
		return -EINVAL;
	if (drop.record->ifindex > MAX_INDEX)
		return -ERANGE;
	if (!sflow_takes(encoder, discard))
		return -ENOSPC;
	source = sflow_source(encoder, drop.record->ifindex);
	if (!source)
		return -ENOMEM;
	encoder->datagram.discards = discard;
	return discard ? sflow_add_discard(&encoder->datagram, &encoder->agent, source, &drop) :
			 sflow_add_flow(&encoder->datagram, &encoder->agent, source, &drop);
}

int xdpdrop_sflow_add_interface(struct xdpdrop_sflow *encoder,
				const struct xdpdrop_sflow_interface *given)
{
	struct xdpdrop_sflow_interface interface;
	struct sflow_source *source;

	if (sized_read(&interface, sizeof(interface), given))
		return -EINVAL;
	if (interface.ifindex > MAX_INDEX)
		return -ERANGE;
	if (!sflow_takes(encoder, false))
		return -ENOSPC;
	source = sflow_source(encoder, interface.ifindex);
	if (!source)
		return -ENOMEM;
	encoder->datagram.discards = false;
	return sflow_add_counters(&encoder->datagram, &encoder->agent, source, &interface);
}

size_t xdpdrop_sflow_finish(struct xdpdrop_sflow *encoder, __u32 uptime_ms, const void **datagram)
{
	*datagram = encoder->datagram.bytes;
	return sflow_datagram_finish(&encoder->datagram, &encoder->agent, uptime_ms);
}

__u32 xdpdrop_sflow_code(const struct xdpdrop *session, const struct xdpdrop_record *record)
{
	__u32 code;

	if (record->rule && reasons_code(&session->points.rules, record->rule, &code))
		return code;
	if (record->reason && reasons_code(&session->points.named, record->reason, &code))
		return code;
	return XDPDROP_SFLOW_XDP;
}
