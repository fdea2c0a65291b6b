/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The classic pcap format: a file header, then records of time, lengths and bytes. It cannot store
 * interfaces, reasons or counts.
 */
#include "output/writer.h"

#include <string.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4
#define MAGIC_NANOSECONDS 0xa1b23c4d
#define VERSION_MAJOR 2
#define VERSION_MINOR 4

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

static int writer_pcap_begin(struct buffer *out, const struct writer_file *file)
{
	struct pcap_header header = {
		.magic = file->nanoseconds ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS,
		.major = VERSION_MAJOR,
		.minor = VERSION_MINOR,
		.snaplen = file->snaplen,
		.linktype = file->link_type,
	};
	char *at = buffer_reserve(out, sizeof(header));

	if (!at)
		return out->error;
	memcpy(at, &header, sizeof(header));
	buffer_commit(out, sizeof(header), false);
	return 0;
}

static int writer_pcap_packet(struct buffer *out, const struct writer_file *file,
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
	memcpy(at + sizeof(header), packet->data, record->caplen);
	buffer_commit(out, bytes, true);
	return 0;
}

const struct writer_ops writer_pcap = {
	.name = "pcap",
	.begin = writer_pcap_begin,
	.packet = writer_pcap_packet,
};
