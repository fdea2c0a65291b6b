/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the frames of a pcap or pcapng file. Trusts nothing in it.
 */
#ifndef XDPDROP_REPLAY_READER_H
#define XDPDROP_REPLAY_READER_H

#include <linux/types.h>
#include <stdbool.h>

#include "replay_input.h"

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
	__u64 number; /* from 1 */
	const void *data;
	__u32 caplen;
	__u32 queue; /* here, because one load of both would wait for the stores of both */
	__u32 len;
	__u16 link_type;
	bool judged;		     /* it has a verdict of an XDP program */
	__u64 realtime;		     /* ns since the epoch */
	const char *ifname;	     /* NULL: not known */
	const char *const *comments; /* ends with NULL */
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
	const char *no_comment; /* NULL */
	const char *comment[REPLAY_COMMENTS + 1];
	char text[REPLAY_TEXT_BYTES];
	char why[160]; /* after an error */
};

/* Open @path. 0, or -errno with reader->why. To be closed in any case. */
int replay_reader_open(struct replay_reader *reader, const char *path);

/* 1: *@packet is the next frame; 0: there is none; or -errno with reader->why. */
int replay_reader_next(struct replay_reader *reader, struct replay_packet *packet);

/*
 * @held: from now on, a frame that is not in bytes that were read before gives -EAGAIN. The bytes
 * of a frame, and its packet->comments if there are none, then stay valid while the next ones are
 * read.
 */
void replay_reader_hold(struct replay_reader *reader, bool held);

void replay_reader_close(struct replay_reader *reader);

/* For the formats: set reader->why. Returns -EBADMSG, or the error of the input. */
__attribute__((format(printf, 2, 3))) int replay_reader_fail(struct replay_reader *reader,
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

/* As replay_reader_next(), for files of pcapng. */
int replay_pcapng_next(struct replay_reader *reader, struct replay_packet *packet);

#endif
