/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records that the golden files of both formats hold: a whole frame, a truncated one with
 * an odd length, and one whose bytes could not be read.
 */
#ifndef XDPDROP_SAMPLES_H
#define XDPDROP_SAMPLES_H

#include "output/writer.h"

#define SAMPLES 3

struct sample {
	struct writer_packet packet;
	struct xdpdrop_record header; /* ends in an array without a size */
};

static const unsigned char sample_arp[42] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06,
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01,
	0xc0, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x02,
};

static const unsigned char sample_udp[45] = {
	0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x45,
	0x00, 0x05, 0xdc, 0x00, 0x01, 0x00, 0x00, 0x40, 0x11, 0x88, 0xd9, 0xc6, 0x33, 0x64, 0x01,
	0xc0, 0x00, 0x02, 0x02, 0x00, 0x35, 0xc3, 0x50, 0x05, 0xc8, 0x00, 0x00, 0x61, 0x62, 0x63,
};

static const struct sample samples[SAMPLES] = {
	{
		.header = { .len = 42,
			    .caplen = 42,
			    .reason = 7,
			    .rx_queue = 3,
			    .action = 1,
			    .version = XDPDROP_RECORD_VERSION },
		.packet = { .data = sample_arp,
			    .realtime = 1700000000123456789,
			    .id = 1,
			    .reason = { "blocklist\0\0", 9 },
			    .sample = "sample 1 in 100" },
	},
	{
		.header = { .len = 1514,
			    .caplen = 45,
			    .point = 1,
			    .action = 0,
			    .flags = XDPDROP_F_TRUNCATED,
			    .version = XDPDROP_RECORD_VERSION },
		.packet = { .data = sample_udp,
			    .interface = 1,
			    .realtime = 1700000000123456790,
			    .id = 2,
			    .dropcount = 5 },
	},
	{
		.header = { .len = 98,
			    .rx_queue = 65535,
			    .action = 4,
			    .flags = XDPDROP_F_TRUNCATED | XDPDROP_F_FAULT,
			    .version = XDPDROP_RECORD_VERSION },
		.packet = { .data = "",
			    .realtime = 1700000001999999999,
			    .id = 3,
			    .sample = "zu gro\xc3\x9f \x01\xff" },
	},
};

/* Write all samples; the first error. */
static inline int samples_write(const struct writer_ops *ops, struct buffer *out,
				const struct writer_file *file)
{
	int err = 0;

	for (int i = 0; i < SAMPLES; i++) {
		int ret = ops->packet(out, file, &samples[i].header, &samples[i].packet);

		err = err ? err : ret;
	}
	return err;
}

#endif
