// SPDX-License-Identifier: GPL-2.0-only
/*
 * Input files of xdpdrop-replay: any bytes give frames that are within their file, or one line that
 * describes what is wrong.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "replay_decode.h"
#include "replay_reader.h"

/* Sums what a frame has, so that the sanitizers see each byte read. */
static unsigned int use(const struct replay_packet *packet)
{
	unsigned int sum = packet->ifname ? strlen(packet->ifname) : 0;
	const unsigned char *bytes = packet->data;
	char line[160];

	for (uint32_t i = 0; i < packet->caplen; i++)
		sum += bytes[i];
	for (unsigned int i = 0; packet->comments[i]; i++)
		sum += strlen(packet->comments[i]);
	replay_decode(packet->data, packet->caplen, packet->len, line, sizeof(line));
	return sum + strlen(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct replay_reader reader;
	volatile unsigned int sum = 0;
	int fd = memfd_create("frames", MFD_CLOEXEC), got;
	struct replay_packet packet;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	got = replay_reader_open(&reader, path);
	while (!got && (got = replay_reader_next(&reader, &packet)) > 0) {
		sum = sum + use(&packet);
		got = 0;
	}
	if (got < 0 && !reader.why[0])
		abort();
	replay_reader_close(&reader);
	close(fd);
	return 0;
}
