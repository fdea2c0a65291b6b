/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The pcapng format (draft-ietf-opsawg-pcapng), with one section in host byte order. A block has a
 * type, its length, a body, options, and its length again. The fixed part of each kind of block is
 * one packed struct that is copied at once, but that of a packet is composed in the buffer: a copy
 * from the stack would wait until the CPU has done all stores before it, which are to memory that
 * is in no cache.
 */
#include "output/writer.h"

#include <stddef.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define TSRESOL_NANOSECONDS 9
#define FLAGS_INBOUND 1
#define VERDICT_XDP 2

enum { OPT_END, OPT_COMMENT };
enum { SHB_HARDWARE = 2, SHB_OS, SHB_USERAPPL };
enum { IF_NAME = 2, IF_DESCRIPTION, IF_SPEED = 8, IF_TSRESOL };
enum { EPB_FLAGS = 2, EPB_DROPCOUNT = 4, EPB_PACKETID, EPB_QUEUE, EPB_VERDICT };
enum { ISB_STARTTIME = 2, ISB_ENDTIME, ISB_IFRECV, ISB_IFDROP, ISB_FILTERACCEPT, ISB_USRDELIV = 8 };

#define OPT_END_SIZE sizeof(struct option)
#define TRAILER_SIZE sizeof(__u32)

struct option {
	__u16 code, length;
};

/* A time in pcapng: the high half first in either byte order. */
struct halves {
	__u32 high, low;
};

struct option_u64 {
	struct option option;
	__u64 value;
} __attribute__((packed));

struct option_u32 {
	struct option option;
	__u32 value;
};

struct option_time {
	struct option option;
	struct halves value;
};

struct option_u8 {
	struct option option;
	__u8 value, pad[3];
};

struct option_verdict {
	struct option option;
	__u8 type;
	__u64 action;
	__u8 pad[3];
} __attribute__((packed));

struct section_block {
	__u32 type, size, magic;
	__u16 major, minor;
	__s64 length; /* -1: up to the end of the file */
} __attribute__((packed));

struct interface_block {
	__u32 type, size;
	__u16 linktype, reserved;
	__u32 snaplen;
	struct option_u8 tsresol;
};

struct packet_block {
	__u32 type, size, interface;
	struct halves time;
	__u32 caplen, len;
};

/* The options of every packet, behind its bytes; then its verdict, unless that is a comment. */
struct packet_options {
	struct option_u32 flags;
	struct option_u64 id;
	struct option_u32 queue;
} __attribute__((packed));

struct statistics_block {
	__u32 type, size, interface;
	struct halves time;
	struct option_time start, end;
	struct option_u64 received, dropped, accepted, delivered;
} __attribute__((packed));

_Static_assert(sizeof(struct section_block) == 24, "section header block");
_Static_assert(sizeof(struct interface_block) == 24, "interface description block");
_Static_assert(sizeof(struct packet_block) == 28, "enhanced packet block");
_Static_assert(sizeof(struct packet_options) == 28, "options of a packet");
_Static_assert(sizeof(struct option_verdict) == 16, "verdict of a packet");
_Static_assert(sizeof(struct statistics_block) == 92, "interface statistics block");

static struct halves writer_pcapng_halves(__u64 value)
{
	return (struct halves){ .high = value >> 32, .low = (__u32)value };
}

/* Of an option. An empty text is not written. */
static size_t writer_pcapng_text_size(struct text text)
{
	return text.length ? sizeof(struct option) + PADDED(text.length) : 0;
}

/* The put functions return the end of the written data. */
static char *writer_pcapng_put(char *at, const void *data, size_t bytes)
{
	memcpy(at, data, bytes);
	return at + bytes;
}

static char *writer_pcapng_put_option(char *at, __u16 code, __u16 length)
{
	struct option option = { code, length };

	return writer_pcapng_put(at, &option, sizeof(option));
}

static char *writer_pcapng_put_text(char *at, __u16 code, struct text text)
{
	return text.length ? text_put(writer_pcapng_put_option(at, code, text.length), text) : at;
}

static char *writer_pcapng_put_ready(char *at, __u16 code, struct text text)
{
	if (!text.length)
		return at;
	at = writer_pcapng_put_option(at, code, text.length);
	return writer_pcapng_put(at, text.data, PADDED(text.length));
}

static char *writer_pcapng_put_u64(char *at, __u16 code, __u64 value)
{
	return writer_pcapng_put(writer_pcapng_put_option(at, code, sizeof(value)), &value,
				 sizeof(value));
}

static void writer_pcapng_put_end(char *at, __u32 size)
{
	writer_pcapng_put(writer_pcapng_put_option(at, OPT_END, 0), &size, sizeof(size));
}

static int writer_pcapng_begin(struct buffer *out, const struct writer_file *file)
{
	struct text hardware = text_of(file->hardware), os = text_of(file->os);
	struct text application = text_of(file->application), comment = text_of(file->comment);
	struct section_block block = {
		.type = BLOCK_SECTION,
		.size = sizeof(block) + writer_pcapng_text_size(hardware) +
			writer_pcapng_text_size(os) + writer_pcapng_text_size(application) +
			writer_pcapng_text_size(comment) + OPT_END_SIZE + TRAILER_SIZE,
		.magic = BYTE_ORDER_MAGIC,
		.major = 1,
		.length = -1,
	};
	char *at = buffer_reserve(out, block.size);

	if (!at)
		return out->error;
	at = writer_pcapng_put(at, &block, sizeof(block));
	at = writer_pcapng_put_text(at, SHB_HARDWARE, hardware);
	at = writer_pcapng_put_text(at, SHB_OS, os);
	at = writer_pcapng_put_text(at, SHB_USERAPPL, application);
	at = writer_pcapng_put_text(at, OPT_COMMENT, comment);
	writer_pcapng_put_end(at, block.size);
	buffer_commit(out, block.size, false);
	return 0;
}

static int writer_pcapng_interface(struct buffer *out, const struct writer_interface *interface)
{
	struct text name = text_of(interface->name), description = text_of(interface->description);
	struct interface_block block = {
		.type = BLOCK_INTERFACE,
		.size = sizeof(block) + writer_pcapng_text_size(name) +
			writer_pcapng_text_size(description) +
			(interface->speed ? sizeof(struct option_u64) : 0) + OPT_END_SIZE +
			TRAILER_SIZE,
		.linktype = interface->link_type,
		.snaplen = interface->snaplen,
		.tsresol = { { IF_TSRESOL, 1 }, TSRESOL_NANOSECONDS, { 0 } },
	};
	char *at = buffer_reserve(out, block.size);

	if (!at)
		return out->error;
	at = writer_pcapng_put(at, &block, sizeof(block));
	at = writer_pcapng_put_text(at, IF_NAME, name);
	at = writer_pcapng_put_text(at, IF_DESCRIPTION, description);
	if (interface->speed)
		at = writer_pcapng_put_u64(at, IF_SPEED, interface->speed);
	writer_pcapng_put_end(at, block.size);
	buffer_commit(out, block.size, false);
	return 0;
}

/* Write the frame and its padding. */
static char *writer_pcapng_put_frame(char *at, const void *data, __u32 caplen)
{
	__u32 zero = 0;

	at = writer_pcapng_put(at, data, caplen);
	memcpy(at, &zero, sizeof(zero)); /* may exceed the padding: an option follows */
	return at + PADDED(caplen) - caplen;
}

static size_t writer_pcapng_packet_options_size(const struct writer_file *file)
{
	return sizeof(struct packet_options) +
	       (file->no_verdict ? 0 : sizeof(struct option_verdict));
}

static char *writer_pcapng_put_packet_options(char *at, const struct writer_file *file,
					      const struct xdpdrop_record *record, __u64 id)
{
	*(struct packet_options *)at = (struct packet_options){
		.flags = { { EPB_FLAGS, sizeof(__u32) }, FLAGS_INBOUND },
		.id = { { EPB_PACKETID, sizeof(__u64) }, id },
		.queue = { { EPB_QUEUE, sizeof(__u32) }, record->rx_queue },
	};
	at += sizeof(struct packet_options);
	if (file->no_verdict)
		return at;
	*(struct option_verdict *)at = (struct option_verdict){
		.option = { EPB_VERDICT, 9 },
		.type = VERDICT_XDP,
		.action = record->action,
	};
	return at + sizeof(struct option_verdict);
}

/* The verdict as a comment, where it is no option. */
static struct text writer_pcapng_verdict(const struct writer_file *file,
					 const struct xdpdrop_record *record)
{
	static const char *const names[] = { "verdict XDP_ABORTED", "verdict XDP_DROP",
					     "verdict XDP_PASS", "verdict XDP_TX",
					     "verdict XDP_REDIRECT" };
	bool known = record->action < sizeof(names) / sizeof(names[0]);

	return text_of(file->no_verdict && known ? names[record->action] : NULL);
}

static size_t writer_pcapng_comments_size(const char *const *comments)
{
	size_t size = 0;

	for (; comments && *comments; comments++)
		size += writer_pcapng_text_size(text_of(*comments));
	return size;
}

static char *writer_pcapng_put_comments(char *at, const char *const *comments)
{
	for (; comments && *comments; comments++)
		at = writer_pcapng_put_text(at, OPT_COMMENT, text_of(*comments));
	return at;
}

/* Few packets have comments behind the reason. */
static bool writer_pcapng_has_more(const struct writer_file *file,
				   const struct writer_packet *packet)
{
	return packet->sample || packet->device || packet->kept || file->no_verdict;
}

static size_t writer_pcapng_more_size(const struct writer_file *file,
				      const struct xdpdrop_record *record,
				      const struct writer_packet *packet)
{
	return writer_pcapng_text_size(text_of(packet->sample)) +
	       writer_pcapng_text_size(text_of(packet->device)) +
	       writer_pcapng_text_size(writer_pcapng_verdict(file, record)) +
	       writer_pcapng_comments_size(packet->kept);
}

static char *writer_pcapng_put_more(char *at, const struct writer_file *file,
				    const struct xdpdrop_record *record,
				    const struct writer_packet *packet)
{
	at = writer_pcapng_put_text(at, OPT_COMMENT, text_of(packet->sample));
	at = writer_pcapng_put_text(at, OPT_COMMENT, text_of(packet->device));
	at = writer_pcapng_put_text(at, OPT_COMMENT, writer_pcapng_verdict(file, record));
	return writer_pcapng_put_comments(at, packet->kept);
}

static char *writer_pcapng_put_packet_block(char *at, __u32 size,
					    const struct xdpdrop_record *record,
					    const struct writer_packet *packet)
{
	*(struct packet_block *)at = (struct packet_block){
		.type = BLOCK_PACKET,
		.size = size,
		.interface = packet->interface,
		.time = writer_pcapng_halves(packet->realtime),
		.caplen = record->caplen,
		.len = record->len,
	};
	return at + sizeof(struct packet_block);
}

static int writer_pcapng_packet(struct buffer *out, const struct writer_file *file,
				const struct xdpdrop_record *record,
				const struct writer_packet *packet)
{
	bool more = writer_pcapng_has_more(file, packet);
	size_t size = sizeof(struct packet_block) + PADDED(record->caplen) +
		      writer_pcapng_packet_options_size(file) +
		      (packet->dropcount ? sizeof(struct option_u64) : 0) +
		      writer_pcapng_text_size(packet->reason) +
		      (more ? writer_pcapng_more_size(file, record, packet) : 0) + OPT_END_SIZE +
		      TRAILER_SIZE;
	char *at = buffer_reserve_record(out, size);

	if (!at)
		return out->error;
	at = writer_pcapng_put_packet_block(at, size, record, packet);
	at = writer_pcapng_put_frame(at, packet->data, record->caplen);
	at = writer_pcapng_put_packet_options(at, file, record, packet->id);
	if (packet->dropcount)
		at = writer_pcapng_put_u64(at, EPB_DROPCOUNT, packet->dropcount);
	at = writer_pcapng_put_ready(at, OPT_COMMENT, packet->reason);
	if (more)
		at = writer_pcapng_put_more(at, file, record, packet);
	writer_pcapng_put_end(at, size);
	buffer_commit(out, size, true);
	return 0;
}

static int writer_pcapng_counts(struct buffer *out, __u32 interface,
				const struct writer_counts *counts)
{
	const __u16 wide = sizeof(__u64);
	struct text note = text_of(counts->note);
	struct statistics_block block = {
		.type = BLOCK_STATISTICS,
		.size = sizeof(block) + writer_pcapng_text_size(note) +
			writer_pcapng_comments_size(counts->comments) + OPT_END_SIZE + TRAILER_SIZE,
		.interface = interface,
		.time = writer_pcapng_halves(counts->end),
		.start = { { ISB_STARTTIME, wide }, writer_pcapng_halves(counts->start) },
		.end = { { ISB_ENDTIME, wide }, writer_pcapng_halves(counts->end) },
		.received = { { ISB_IFRECV, wide }, counts->received },
		.dropped = { { ISB_IFDROP, wide }, counts->dropped },
		.accepted = { { ISB_FILTERACCEPT, wide }, counts->accepted },
		.delivered = { { ISB_USRDELIV, wide }, counts->delivered },
	};
	char *at = buffer_reserve(out, block.size);

	if (!at)
		return out->error;
	at = writer_pcapng_put(at, &block, sizeof(block));
	at = writer_pcapng_put_text(at, OPT_COMMENT, note);
	at = writer_pcapng_put_comments(at, counts->comments);
	writer_pcapng_put_end(at, block.size);
	buffer_commit(out, block.size, false);
	return 0;
}

static void writer_pcapng_renumber(char *block, __u32 interface)
{
	memcpy(block + offsetof(struct packet_block, interface), &interface, sizeof(interface));
}

const struct writer_ops writer_pcapng = {
	.name = "pcapng",
	.begin = writer_pcapng_begin,
	.interface = writer_pcapng_interface,
	.packet = writer_pcapng_packet,
	.counts = writer_pcapng_counts,
	.renumber = writer_pcapng_renumber,
};
