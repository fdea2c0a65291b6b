// SPDX-License-Identifier: GPL-2.0-only
/*
 * Input files of xdpdrop-replay: any bytes give frames that are within their file, or one line that
 * describes what is wrong; and the same frames one by one and in batches.
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

#include "replay/replay_batch.h"
#include "replay/replay_decode.h"

/* Sums what a frame has, so that the sanitizers see each byte read. */
static unsigned int use(const struct replay_packet *packet)
{
	unsigned int sum = packet->frame.ifname ? strlen(packet->frame.ifname) : 0;
	const unsigned char *bytes = packet->frame.data;
	char line[160];

	for (uint32_t i = 0; i < packet->frame.caplen; i++)
		sum += bytes[i];
	for (unsigned int i = 0; packet->frame.comments && packet->frame.comments[i]; i++)
		sum += strlen(packet->frame.comments[i]);
	replay_decode(packet->frame.data, packet->frame.caplen, packet->frame.len, line,
		      sizeof(line));
	return sum + strlen(line);
}

/* What a file gives. */
struct given {
	unsigned long frames;
	unsigned int sum;
	int end; /* as replay_reader_next() */
};

static struct replay_reader reader;

static struct given read_one_by_one(void)
{
	struct replay_packet packet;
	struct given given = { 0 };

	while ((given.end = replay_reader_next(&reader, &packet)) > 0) {
		given.frames++;
		given.sum += use(&packet);
	}
	return given;
}

/* The frames of a batch are used after all of them were read. */
static struct given read_batches(unsigned int most)
{
	static struct replay_batch batch;
	struct given given = { 0 };

	do {
		given.end = replay_batch_read(&batch, &reader, most, false);
		for (unsigned int i = 0; i < batch.count; i++)
			given.sum += use(&batch.item[i].packet);
		given.frames += batch.count;
	} while (given.end > 0);
	return given;
}

static struct given read_file(const char *path, unsigned int most)
{
	struct given given = { .end = replay_reader_open(&reader, path) };

	if (!given.end)
		given = most ? read_batches(most) : read_one_by_one();
	if (given.end < 0 && !reader.why[0])
		abort();
	replay_reader_close(&reader);
	return given;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("frames", MFD_CLOEXEC);
	struct given one_by_one, batches;
	char path[64];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	one_by_one = read_file(path, 0);
	batches = read_file(path, 1 + size % REPLAY_BATCH);
	if (one_by_one.frames != batches.frames || one_by_one.sum != batches.sum ||
	    one_by_one.end != batches.end)
		abort();
	close(fd);
	return 0;
}
