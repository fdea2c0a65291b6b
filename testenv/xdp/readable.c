// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads what a killed capture has left: whole frames, marked ones that asked to be dropped, in
 * the order of time, up to the end or to where the last write was torn.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

#include "helper.h"

static void check_torn(const char *path, const char *error)
{
	if (!strstr(error, "truncated"))
		die("%s: %s", path, error);
}

static void check_frame(const char *path, long n, const struct pcap_pkthdr *header,
			const uint8_t *bytes)
{
	static struct timeval before;
	struct frame_id id;

	if (header->caplen < FRAME_HEADER || header->caplen != header->len)
		die("%s: frame %ld: %u of %u bytes", path, n, header->caplen, header->len);
	if (!frame_read(bytes, &id) || id.verdict != 1)
		die("%s: frame %ld is none that was dropped", path, n);
	if (timercmp(&header->ts, &before, <))
		die("%s: frame %ld: its time is before that of the frame in front of it", path, n);
	before = header->ts;
}

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	long frames = 0;
	pcap_t *pcap;
	int status;

	if (argc != 2)
		die("needs a file");
	pcap = pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, error);
	if (!pcap)
		check_torn(argv[1], error);
	while (pcap && (status = pcap_next_ex(pcap, &header, &bytes)) == 1)
		check_frame(argv[1], ++frames, header, bytes);
	if (pcap && status == PCAP_ERROR)
		check_torn(argv[1], pcap_geterr(pcap));
	if (pcap)
		pcap_close(pcap);
	printf("%ld\n", frames);
	return 0;
}
