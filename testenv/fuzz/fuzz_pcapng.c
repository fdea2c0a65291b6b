/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile names and records: whatever they are, the writer's buffer is a sequence of whole
 * blocks with well-formed options, and every text in them is printable UTF-8.
 *
 * Input: a sequence of calls, each a byte that chooses the function and what it needs;
 * a text is a byte, its length times 16, and that many bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "output/writer.h"

#define BUFFER (1024 * 1024)
#define TEXTS 3
#define TEXT_SIZE (255 * 16 + 17)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
	char text[TEXTS][TEXT_SIZE + 1];
};

static void check(int condition)
{
	if (!condition)
		abort();
}

static size_t take(struct input *input, void *to, size_t bytes)
{
	size_t some = bytes < input->size ? bytes : input->size;

	memset(to, 0, bytes);
	if (some)
		memcpy(to, input->data, some);
	input->data += some;
	input->size -= some;
	return some;
}

/* NULL, or a string in one of the places for them. */
static const char *take_text(struct input *input, int place)
{
	uint8_t length;
	size_t taken;

	take(input, &length, 1);
	if (!length)
		return NULL;
	/* Longer than what is kept of a text, when the input says so. */
	taken = take(input, input->text[place], length == 255 ? TEXT_SIZE : length * 16);
	input->text[place][taken] = 0;
	return input->text[place];
}

static void call_begin(struct buffer *out, struct input *input)
{
	struct writer_file file = { .hardware = take_text(input, 0),
				    .os = take_text(input, 1),
				    .application = take_text(input, 2) };

	check(!writer_pcapng.begin(out, &file));
}

static void call_interface(struct buffer *out, struct input *input)
{
	struct writer_interface interface = { .name = take_text(input, 0),
					      .description = take_text(input, 1) };

	take(input, &interface.snaplen, sizeof(interface.snaplen));
	take(input, &interface.speed, sizeof(interface.speed));
	check(!writer_pcapng.interface(out, &interface));
}

static void call_packet(struct buffer *out, struct input *input)
{
	char room[TEXT_MOST];
	struct writer_packet packet = { .reason = text_make_ready(room, take_text(input, 0)),
					.sample = take_text(input, 1) };
	struct writer_file file = { .snaplen = 0 };
	struct xdpdrop_record record;
	void *data;
	uint8_t no_verdict;

	take(input, &no_verdict, sizeof(no_verdict));
	file.no_verdict = no_verdict & 1;
	take(input, &packet.realtime, sizeof(packet.realtime));
	take(input, &packet.dropcount, sizeof(packet.dropcount));
	take(input, &packet.id, sizeof(packet.id));
	take(input, &record, sizeof(record));
	record.caplen %= XDPDROP_MAX_CAPLEN + 1;
	packet.data = data = malloc(record.caplen + 1);
	check(!!data);
	take(input, data, record.caplen);
	check(!writer_pcapng.packet(out, &file, &record, &packet));
	free(data);
}

static void call_counts(struct buffer *out, struct input *input)
{
	const char *comments[] = { take_text(input, 0), take_text(input, 1), NULL };
	struct writer_counts counts;
	uint32_t interface;

	take(input, &counts, sizeof(counts));
	counts.comments = comments;
	counts.note = take_text(input, 2);
	take(input, &interface, sizeof(interface));
	check(!writer_pcapng.counts(out, interface, &counts));
}

/* Does a character that is fit to print begin at @text? Returns its bytes, else 0. */
static size_t character(const uint8_t *text, size_t left)
{
	static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
	size_t bytes = *text < 0x80 ? 1 :
		       *text < 0xc0 ? 0 :
		       *text < 0xe0 ? 2 :
		       *text < 0xf0 ? 3 :
				      4;
	uint32_t code = bytes == 1 ? *text : *text & (0x7f >> bytes);

	if (!bytes || bytes > left || *text >= 0xf8)
		return 0;
	for (size_t i = 1; i < bytes; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < least[bytes] || code == 0x7f || code > 0x10ffff)
		return 0;
	return code >= 0xd800 && code < 0xe000 ? 0 : bytes;
}

static void check_text(const uint8_t *text, size_t length)
{
	check(length > 0 && length <= 4096);
	while (length) {
		size_t bytes = character(text, length);

		check(bytes > 0);
		text += bytes;
		length -= bytes;
	}
}

static int is_text(uint32_t type, uint16_t code)
{
	return code == 1 || (type == 0x0a0d0d0a && code <= 4) || (type == 1 && code <= 3);
}

/* Options up to @end, the last of them opt_endofopt; texts checked, padding zero. */
static void check_options(uint32_t type, const uint8_t *at, const uint8_t *end)
{
	uint16_t option[2];

	for (;;) {
		size_t padded;

		check(end - at >= 4);
		memcpy(option, at, 4);
		at += 4;
		if (!option[0])
			break;
		padded = (option[1] + 3U) / 4 * 4;
		check((size_t)(end - at) >= padded);
		if (is_text(type, option[0]))
			check_text(at, option[1]);
		for (size_t i = option[1]; i < padded; i++)
			check(!at[i]);
		at += padded;
	}
	check(!option[1] && at == end);
}

/* Bytes from a block's start to its options. */
static size_t body_size(const uint8_t *block, uint32_t type)
{
	uint32_t caplen;

	if (type == 0x0a0d0d0a)
		return 24;
	if (type == 1)
		return 16;
	if (type == 5)
		return 20;
	check(type == 6);
	memcpy(&caplen, block + 20, sizeof(caplen));
	check(caplen <= XDPDROP_MAX_CAPLEN);
	return 28 + (caplen + 3) / 4 * 4;
}

static void check_block(const uint8_t *block, size_t size)
{
	uint32_t type, sizes[2];

	memcpy(&type, block, 4);
	memcpy(&sizes[0], block + 4, 4);
	memcpy(&sizes[1], block + size - 4, 4);
	check(size % 4 == 0 && sizes[0] == size && sizes[1] == size);
	check(body_size(block, type) <= size - 8);
	check_options(type, block + body_size(block, type), block + size - 4);
}

static void check_buffer(const struct buffer *out)
{
	uint64_t records = 0;
	size_t at = 0;

	for (unsigned int i = 0; i < out->blocks; i++) {
		const struct buffer_block *block = &out->block[i];

		check(block->end >= at + 12 && block->end <= out->used);
		check_block((const uint8_t *)out->data + at, block->end - at);
		records += block->is_record;
		at = block->end;
	}
	check(at == out->used && records == out->pending);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const calls[])(struct buffer *, struct input *) = {
		call_begin,
		call_interface,
		call_packet,
		call_counts,
	};
	static struct input input;
	struct buffer out = { 0 };

	input.data = data;
	input.size = size;
	check(!buffer_init(&out, -1, BUFFER));
	while (input.size && out.size - out.used > 80 * 1024) {
		uint8_t call;

		take(&input, &call, 1);
		calls[call % 4](&out, &input);
	}
	check(!out.error);
	check_buffer(&out);
	buffer_free(&out);
	return 0;
}
