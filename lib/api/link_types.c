// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Checks whether one file can store the frames of all interfaces, whose link-layer headers may
 * differ.
 */
#include <errno.h>
#include <sys/stat.h>

#include "api/session.h"
#include "xdp/link_type.h"

/* The reader of a pipe cannot be replaced by one that supports the file. */
static bool link_types_is_pipe(const struct xdpdrop *session)
{
	struct stat st;

	return !fstat(session->sink.out.fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* A pcap file has one link type, and libpcap does not read pcapng files with several. */
int session_check_link_types(struct xdpdrop *session)
{
	const struct pipeline *first = &session->ifaces[0].context.pipeline, *other = first;

	session->sink.file.link_type = first->device.link_type;
	for (unsigned int i = 0; i < session->iface_count; i++)
		if (session->ifaces[i].context.pipeline.device.link_type != first->device.link_type)
			other = &session->ifaces[i].context.pipeline;
	if (other == first || !session->sink.writer)
		return 0;
	if (session->sink.writer != &writer_pcap && !link_types_is_pipe(session)) {
		log_warn(&session->log,
			 "frames of %s have another link type (%s) than those of %s (%s): "
			 "libpcap and tcpdump cannot read the file, tshark can",
			 other->ifname, link_type_name(other->device.link_type), first->ifname,
			 link_type_name(first->device.link_type));
		return 0;
	}
	return log_error(&session->log, -EINVAL,
			 "frames of %s have another link type (%s) than those of %s (%s); "
			 "use a pcapng file that is not a pipe, or two captures",
			 other->ifname, link_type_name(other->device.link_type), first->ifname,
			 link_type_name(first->device.link_type));
}
