/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile frames: dissect() reads only bytes of the frame, and what it finds in the first bytes of
 * a frame is what it finds there with more of them.
 *
 * Input: a byte for the link type, a byte for the bytes that are cut off, and the frame.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "count/dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

/* In memory of its own, so that each byte beyond is one too many. */
static struct dissected found_in(const uint8_t *data, size_t size, uint32_t link_type)
{
	uint8_t *copy = malloc(size ? size : 1);
	struct dissected found;

	check(!!copy);
	memcpy(copy, data, size);
	memset(&found, 0xff, sizeof(found));
	dissect(copy, size, link_type, &found);
	free(copy);
	check(found.family == AF_UNSPEC || found.family == AF_INET || found.family == AF_INET6);
	check(!found.has_ports || found.has_protocol);
	check(!found.has_protocol || found.family != AF_UNSPEC);
	check(found.has_ports || (!found.source_port && !found.destination_port));
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t link_types[] = { DISSECT_LINK_ETHERNET, DISSECT_LINK_RAW, 147 };
	struct dissected whole, part;
	uint32_t link_type;

	if (size < 2)
		return 0;
	link_type = link_types[data[0] % 3];
	whole = found_in(data + 2, size - 2, link_type);
	part = found_in(data + 2, (size - 2) * data[1] / 256, link_type);
	check(!part.ethertype || part.ethertype == whole.ethertype);
	if (part.family != AF_UNSPEC) {
		check(part.family == whole.family);
		check(!memcmp(part.source, whole.source, 16));
		check(!memcmp(part.destination, whole.destination, 16));
	}
	if (part.has_protocol)
		check(whole.has_protocol && part.protocol == whole.protocol);
	if (part.has_ports)
		check(whole.has_ports && part.source_port == whole.source_port &&
		      part.destination_port == whole.destination_port);
	return 0;
}
