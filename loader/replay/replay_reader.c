// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the format, and reads pcap: a header of 24 bytes, then each frame behind 16 bytes, or 24 in
 * the variant of old Linux distributions.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay_pcapng.h"
#include "replay/replay_reader.h"

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS 0xa1b23c4d
#define MAGIC_MODIFIED 0xa1b2cd34
#define MAGIC_PCAPNG 0x0a0d0d0a
#define FILE_HEADER 24
#define FRAME_HEADER 16
#define FRAME_HEADER_MODIFIED 24

static bool replay_reader_take_magic(struct replay_reader *reader, __u32 magic)
{
	switch (magic) {
	case MAGIC_MICROSECONDS:
	case MAGIC_NANOSECONDS:
		reader->header = FRAME_HEADER;
		break;
	case MAGIC_MODIFIED:
		reader->header = FRAME_HEADER_MODIFIED;
		break;
	default:
		return false;
	}
	reader->nanoseconds = magic == MAGIC_NANOSECONDS;
	return true;
}

int replay_reader_open(struct replay_reader *reader, const char *path)
{
	const unsigned char *start;
	__u32 magic;
	int err;

	memset(reader, 0, sizeof(*reader));
	err = replay_input_open(&reader->input, path);
	if (err) {
		snprintf(reader->why, sizeof(reader->why), "%s", strerror(-err));
		return err;
	}
	start = replay_input_look(&reader->input, sizeof(magic));
	if (!start)
		return replay_format_fail(reader, "it is no capture file: it has %zu bytes",
					  replay_input_left(&reader->input));
	magic = replay_u32(reader, start);
	if (magic == MAGIC_PCAPNG) {
		reader->pcapng = true;
		return 0;
	}
	reader->swapped = !replay_reader_take_magic(reader, magic);
	if (reader->swapped && !replay_reader_take_magic(reader, __builtin_bswap32(magic)))
		return replay_format_fail(reader, "it is neither pcap nor pcapng");
	start = replay_input_look(&reader->input, FILE_HEADER);
	if (!start)
		return replay_format_fail(reader, "it ends within its header");
	reader->link_type = replay_u32(reader, start + 20) & 0xffff;
	replay_input_skip(&reader->input, FILE_HEADER);
	return 0;
}

static int replay_reader_next_pcap(struct replay_reader *reader, struct replay_packet *packet)
{
	const unsigned char *at = replay_input_look(&reader->input, reader->header);
	unsigned long long number = reader->frames + 1;
	__u32 caplen, fraction;

	if (!at && !reader->input.error && !replay_input_left(&reader->input))
		return 0;
	if (!at)
		return replay_format_fail(reader, "it ends within frame %llu", number);
	caplen = replay_u32(reader, at + 8);
	if (caplen > REPLAY_FRAME_MAX)
		return replay_format_fail(reader, "frame %llu claims to have %u bytes", number,
					  caplen);
	at = replay_input_look(&reader->input, reader->header + caplen);
	if (!at)
		return replay_format_fail(reader, "it ends within frame %llu", number);
	fraction = replay_u32(reader, at + 4);
	*packet = (struct replay_packet){
		.frame = { .size = sizeof(packet->frame),
			   .data = at + reader->header,
			   .caplen = caplen,
			   .len = replay_u32(reader, at + 12),
			   .realtime = replay_u32(reader, at) * 1000000000ULL +
				       (reader->nanoseconds ? fraction : fraction * 1000ULL) },
		.number = ++reader->frames,
		.link_type = reader->link_type,
	};
	replay_input_skip(&reader->input, reader->header + caplen);
	return 1;
}

int replay_reader_next(struct replay_reader *reader, struct replay_packet *packet)
{
	return reader->pcapng ? replay_pcapng_next(reader, packet) :
				replay_reader_next_pcap(reader, packet);
}

void replay_reader_hold(struct replay_reader *reader, bool held)
{
	reader->input.still = held;
	if (reader->input.error == -EAGAIN)
		reader->input.error = 0;
}

void replay_reader_close(struct replay_reader *reader)
{
	replay_input_close(&reader->input);
	free(reader->source);
	reader->source = NULL;
	reader->sources = 0;
}
