/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The classic pcap format: a file header, then records of time, lengths and bytes.
 * It has no place for interfaces, reasons or counts.
 */
#include "output/writer.h"

#include <string.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS 0xa1b23c4d
#define VERSION_MAJOR 2
#define VERSION_MINOR 4
#define LINKTYPE_ETHERNET 1

struct pcap_header {
	__u32 magic;
	__u16 major, minor;
	__u32 zone, accuracy; /* always 0 */
	__u32 snaplen;
	__u32 linktype;
};

struct pcap_record {
	__u32 seconds;
	__u32 fraction;
	__u32 caplen;
	__u32 len;
};

_Static_assert(sizeof(struct pcap_header) == 24, "pcap file header");
_Static_assert(sizeof(struct pcap_record) == 16, "pcap record header");

static int writer_pcap_pcap_begin(struct buffer *out, const struct writer_file *file)
{
	struct pcap_header header = {
		.magic = file->nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS,
		.major = VERSION_MAJOR,
		.minor = VERSION_MINOR,
		.snaplen = file->snaplen,
		.linktype = LINKTYPE_ETHERNET,
	};
	char *at = buffer_reserve(out, sizeof(header));

	if (!at)
		return out->error;
	memcpy(at, &header, sizeof(header));
	buffer_commit(out, sizeof(header), 0);
	return 0;
}

static int writer_pcap_pcap_packet(struct buffer *out, const struct writer_file *file,
				   const struct xdpdrop_record *record,
				   const struct writer_packet *packet)
{
	size_t bytes = sizeof(struct pcap_record) + record->caplen;
	__u32 nanoseconds = packet->realtime % 1000000000;
	struct pcap_record header = {
		.seconds = packet->realtime / 1000000000,
		.fraction = file->nanoseconds ? nanoseconds : nanoseconds / 1000,
		.caplen = record->caplen,
		.len = record->len,
	};
	char *at = buffer_reserve_record(out, bytes);

	if (!at)
		return out->error;
	memcpy(at, &header, sizeof(header));
	memcpy(at + sizeof(header), record->data, record->caplen);
	buffer_commit(out, bytes, 1);
	return 0;
}

/* A record whose seconds look like a magic number differs behind them: no frame has 0 bytes. */
static bool writer_pcap_is_file_header(const struct pcap_header *header)
{
	return (header->magic == MAGIC_MICROSECONDS || header->magic == MAGIC_NANOSECONDS) &&
	       header->major == VERSION_MAJOR && header->minor == VERSION_MINOR &&
	       header->zone == 0 && header->accuracy == 0;
}

static size_t writer_pcap_pcap_unit(const void *data, bool *is_record)
{
	struct pcap_record record;
	struct pcap_header header;

	memcpy(&record, data, sizeof(record));
	memcpy(&header, &record, sizeof(record)); /* as far as both reach */
	*is_record = !writer_pcap_is_file_header(&header);
	return *is_record ? sizeof(record) + record.caplen : sizeof(header);
}

const struct writer_ops writer_pcap = {
	.name = "pcap",
	.begin = writer_pcap_pcap_begin,
	.packet = writer_pcap_pcap_packet,
	.unit = writer_pcap_pcap_unit,
};
