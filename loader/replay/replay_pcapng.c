// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads pcapng (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces of any kind,
 * and the comments, queues and verdicts of frames. Other blocks are skipped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay_pcapng.h"

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_OLD_PACKET 2
#define BLOCK_SIMPLE_PACKET 3
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d

#define BLOCK_LEAST 12
#define BLOCK_MOST (16U << 20)
#define SOURCES_MOST 65536

enum { OPTION_END, OPTION_COMMENT, INTERFACE_NAME, PACKET_QUEUE = 6, PACKET_VERDICT = 7 };
enum { INTERFACE_RESOLUTION = 9, INTERFACE_OFFSET = 14 };
#define VERDICT_XDP 2
#define RESOLUTION_MICROSECONDS 6
#define RESOLUTION_BINARY 0x80
#define PADDED(bytes) (((bytes) + 3U) & ~3U)

/* A block without its first 8 and last 4 bytes. */
struct block {
	__u32 type;
	const unsigned char *body;
	__u32 size;
};

struct options {
	const unsigned char *at, *end;
};

struct option {
	__u16 code, length;
	const unsigned char *value;
};

/* False: there is none, or what follows is damaged. */
static bool replay_pcapng_next_option(const struct replay_reader *reader, struct options *options,
				      struct option *option)
{
	if (options->end - options->at < 4)
		return false;
	option->code = replay_u16(reader, options->at);
	option->length = replay_u16(reader, options->at + 2);
	option->value = options->at + 4;
	if (option->code == OPTION_END || option->length > options->end - option->value)
		return false;
	options->at = option->value + PADDED(option->length);
	if (options->at > options->end)
		options->at = options->end;
	return true;
}

static int replay_pcapng_start_section(struct replay_reader *reader, const unsigned char *at)
{
	__u32 magic;

	memcpy(&magic, at + 8, sizeof(magic));
	if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
		return replay_format_fail(reader, "a section of it has no byte order");
	reader->swapped = magic != BYTE_ORDER_MAGIC;
	reader->sources = 0;
	return 0;
}

/* 1: a block, which was read from the input; 0: the end; or -errno. */
static int replay_pcapng_next_block(struct replay_reader *reader, struct block *block)
{
	const unsigned char *at = replay_input_look(&reader->input, BLOCK_LEAST);
	__u32 size;
	int err;

	if (!at && !reader->input.error && !replay_input_left(&reader->input))
		return 0;
	if (!at)
		return replay_format_fail(reader, "it ends within a block");
	/* the same in both byte orders */
	if (replay_u32(reader, at) == BLOCK_SECTION &&
	    (err = replay_pcapng_start_section(reader, at)))
		return err;
	block->type = replay_u32(reader, at);
	size = replay_u32(reader, at + 4);
	if (size < BLOCK_LEAST || size % 4 || size > BLOCK_MOST)
		return replay_format_fail(reader,
					  "after frame %llu, a block claims to have %u bytes",
					  (unsigned long long)reader->frames, size);
	at = replay_input_look(&reader->input, size);
	if (!at)
		return replay_format_fail(reader, "it ends within a block, after frame %llu",
					  (unsigned long long)reader->frames);
	if (replay_u32(reader, at + size - 4) != size)
		return replay_format_fail(reader, "after frame %llu, a block has two lengths",
					  (unsigned long long)reader->frames);
	block->body = at + 8;
	block->size = size - BLOCK_LEAST;
	replay_input_skip(&reader->input, size);
	return 1;
}

static void replay_pcapng_take_interface_option(const struct replay_reader *reader,
						struct replay_source *source,
						const struct option *option)
{
	size_t length = option->length;

	if (option->code == INTERFACE_RESOLUTION && length == 1)
		source->resolution = option->value[0];
	if (option->code == INTERFACE_OFFSET && length == 8) {
		__u64 low = replay_u32(reader, option->value + (reader->swapped ? 4 : 0));
		__u64 high = replay_u32(reader, option->value + (reader->swapped ? 0 : 4));

		source->offset = (__s64)(high << 32 | low);
	}
	if (option->code == INTERFACE_NAME) {
		length = length < sizeof(source->name) - 1 ? length : sizeof(source->name) - 1;
		memcpy(source->name, option->value, length);
		source->name[length] = '\0';
	}
}

static int replay_pcapng_add_interface(struct replay_reader *reader, const struct block *block)
{
	struct options options = { block->body + 8, block->body + block->size };
	struct replay_source *source;
	struct option option;

	if (block->size < 8)
		return replay_format_fail(reader, "the block of an interface is too short");
	if (reader->sources == SOURCES_MOST)
		return replay_format_fail(reader, "it has more than %u interfaces", SOURCES_MOST);
	/* a power of two at a time */
	if (!(reader->sources & (reader->sources - 1))) {
		size_t room = reader->sources ? 2UL * reader->sources : 1;

		source = realloc(reader->source, room * sizeof(*source));
		if (!source)
			return replay_format_fail(reader, "no memory for its interfaces");
		reader->source = source;
	}
	source = &reader->source[reader->sources];
	*source = (struct replay_source){ .link_type = replay_u16(reader, block->body),
					  .resolution = RESOLUTION_MICROSECONDS };
	if (!reader->sources++)
		reader->snaplen = replay_u32(reader, block->body + 4);
	while (replay_pcapng_next_option(reader, &options, &option))
		replay_pcapng_take_interface_option(reader, source, &option);
	return 0;
}

static __u64 replay_pcapng_realtime_of(const struct replay_source *source, __u64 units)
{
	unsigned int power = source->resolution & ~RESOLUTION_BINARY;
	unsigned __int128 ns = units;
	__u64 scale = 1;

	if (source->resolution & RESOLUTION_BINARY)
		return (__u64)(ns * 1000000000 >> (power < 127 ? power : 127)) +
		       source->offset * 1000000000ULL;
	for (unsigned int i = power; i < 9; i++)
		ns *= 10;
	for (unsigned int i = 9; i < power && i < 9 + 19; i++)
		scale *= 10;
	return (__u64)(ns / scale) + source->offset * 1000000000ULL;
}

/* Copies, because the text in the file ends without a zero byte. */
static void replay_pcapng_take_comment(struct replay_reader *reader, const struct option *option,
				       unsigned int *count, size_t *used)
{
	if (*count == REPLAY_COMMENTS || sizeof(reader->text) - *used <= option->length)
		return;
	memcpy(reader->text + *used, option->value, option->length);
	reader->text[*used + option->length] = '\0';
	reader->comment[(*count)++] = reader->text + *used;
	*used += option->length + 1UL;
}

static void replay_pcapng_take_packet_options(struct replay_reader *reader,
					      struct replay_packet *packet, struct options *options)
{
	unsigned int comments = 0;
	struct option option;
	size_t used = 0;

	while (replay_pcapng_next_option(reader, options, &option)) {
		if (option.code == OPTION_COMMENT)
			replay_pcapng_take_comment(reader, &option, &comments, &used);
		else if (option.code == PACKET_QUEUE && option.length == 4)
			packet->frame.rx_queue = replay_u32(reader, option.value);
		else if (option.code == PACKET_VERDICT && option.length == 9)
			packet->judged = option.value[0] == VERDICT_XDP;
	}
	reader->comment[comments] = NULL;
	if (comments)
		packet->frame.comments = reader->comment;
}

/* @fixed: size of the body in front of the bytes. */
static int replay_pcapng_take_frame(struct replay_reader *reader, const struct block *block,
				    struct replay_packet *packet, __u32 interface, __u32 fixed)
{
	struct xdpdrop_replay_frame *frame = &packet->frame;
	unsigned long long number = packet->number;
	const struct replay_source *source;

	if (interface >= reader->sources)
		return replay_format_fail(reader, "frame %llu is of interface %u, and it has %u",
					  number, interface, reader->sources);
	if (frame->caplen > block->size - fixed || frame->caplen > REPLAY_FRAME_MAX)
		return replay_format_fail(reader, "frame %llu claims to have %u bytes", number,
					  frame->caplen);
	source = &reader->source[interface];
	frame->data = block->body + fixed;
	frame->ifname = source->name[0] ? source->name : NULL;
	frame->realtime = replay_pcapng_realtime_of(source, frame->realtime);
	packet->link_type = source->link_type;
	return 1;
}

static int replay_pcapng_take_packet(struct replay_reader *reader, const struct block *block,
				     struct replay_packet *packet)
{
	const __u32 fixed = 20;
	const unsigned char *body = block->body;
	struct xdpdrop_replay_frame *frame = &packet->frame;
	bool old = block->type == BLOCK_OLD_PACKET;
	struct options options;
	int taken;

	if (block->size < fixed)
		return replay_format_fail(reader, "the block of frame %llu is too short",
					  (unsigned long long)packet->number);
	frame->realtime = (__u64)replay_u32(reader, body + 4) << 32 | replay_u32(reader, body + 8);
	frame->caplen = replay_u32(reader, body + 12);
	frame->len = replay_u32(reader, body + 16);
	taken = replay_pcapng_take_frame(reader, block, packet,
					 old ? replay_u16(reader, body) : replay_u32(reader, body),
					 fixed);
	if (taken < 0)
		return taken;
	options.at = body + fixed + PADDED(frame->caplen);
	options.end = body + block->size;
	if (options.at < options.end)
		replay_pcapng_take_packet_options(reader, packet, &options);
	return taken;
}

/* Without a time, and of the first interface. */
static int replay_pcapng_take_simple_packet(struct replay_reader *reader, const struct block *block,
					    struct replay_packet *packet)
{
	struct xdpdrop_replay_frame *frame = &packet->frame;
	const __u32 fixed = 4;

	if (block->size < fixed)
		return replay_format_fail(reader, "the block of frame %llu is too short",
					  (unsigned long long)packet->number);
	frame->len = replay_u32(reader, block->body);
	frame->caplen = frame->len;
	if (reader->snaplen && frame->caplen > reader->snaplen)
		frame->caplen = reader->snaplen;
	return replay_pcapng_take_frame(reader, block, packet, 0, fixed);
}

int replay_pcapng_next(struct replay_reader *reader, struct replay_packet *packet)
{
	struct block block;
	int got;

	while ((got = replay_pcapng_next_block(reader, &block)) > 0) {
		int err = 0;

		if (block.type == BLOCK_INTERFACE)
			err = replay_pcapng_add_interface(reader, &block);
		if (err)
			return err;
		if (block.type != BLOCK_PACKET && block.type != BLOCK_OLD_PACKET &&
		    block.type != BLOCK_SIMPLE_PACKET)
			continue;
		*packet = (struct replay_packet){ .frame.size = sizeof(packet->frame),
						  .number = ++reader->frames };
		return block.type == BLOCK_SIMPLE_PACKET ?
			       replay_pcapng_take_simple_packet(reader, &block, packet) :
			       replay_pcapng_take_packet(reader, &block, packet);
	}
	return got;
}
