/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the formats of capture files share: a reader's state, a frame, and errors.
 */
#ifndef XDPDROP_REPLAY_FORMAT_H
#define XDPDROP_REPLAY_FORMAT_H

#include <xdpdrop/replay.h>

#include "replay/replay_input.h"

#define REPLAY_COMMENTS 16
#define REPLAY_TEXT_BYTES 65536
#define REPLAY_NAME_BYTES 64
#define REPLAY_FRAME_MAX 262144 /* as libpcap's */

/* An interface of a pcapng section. */
struct replay_source {
	__u16 link_type;
	__u8 resolution; /* if_tsresol */
	__s64 offset;	 /* s */
	char name[REPLAY_NAME_BYTES];
};

/* One frame, valid until the next one is read. */
struct replay_packet {
	struct xdpdrop_replay_frame frame; /* ifname and comments: NULL if there are none */
	__u64 number;			   /* from 1 */
	__u16 link_type;
	bool judged; /* it has a verdict of an XDP program */
};

struct replay_reader {
	struct replay_input input;
	bool pcapng, swapped, nanoseconds;
	unsigned int header; /* bytes in front of a pcap frame */
	__u16 link_type;     /* of a pcap file */
	__u32 snaplen;	     /* of a pcapng section's first interface */
	struct replay_source *source;
	unsigned int sources;
	__u64 frames;
	const char *comment[REPLAY_COMMENTS + 1];
	char text[REPLAY_TEXT_BYTES];
	char why[160]; /* after an error */
};

/* Set reader->why. Returns -EBADMSG, or the error of the input. */
__attribute__((format(printf, 2, 3))) int replay_format_fail(struct replay_reader *reader,
							     const char *format, ...);

static inline __u16 replay_u16(const struct replay_reader *reader, const unsigned char *at)
{
	__u16 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return reader->swapped ? __builtin_bswap16(value) : value;
}

static inline __u32 replay_u32(const struct replay_reader *reader, const unsigned char *at)
{
	__u32 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return reader->swapped ? __builtin_bswap32(value) : value;
}

#endif
