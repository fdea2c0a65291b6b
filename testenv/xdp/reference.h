/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reference: a pcap file of the very frames that a helper sent. Writing is nothing while no
 * file is open.
 */
#ifndef XDPDROP_TESTENV_REFERENCE_H
#define XDPDROP_TESTENV_REFERENCE_H

#include <stdint.h>
#include <time.h>

#include "helper.h"

static FILE *reference;

static void reference_put(const void *bytes, size_t size)
{
	if (reference && fwrite(bytes, size, 1, reference) != 1)
		die("reference file: %s", strerror(errno));
}

static void reference_open(const char *path)
{
	const uint32_t header[] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 262144, 1 };

	reference = fopen(path, "w");
	if (!reference)
		die("%s: %s", path, strerror(errno));
	reference_put(header, sizeof(header));
}

__attribute__((unused)) static void reference_write(const void *frame, uint32_t size)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	reference_put(&(uint32_t[]){ now.tv_sec, now.tv_nsec / 1000, size, size }, 16);
	reference_put(frame, size);
}

static void reference_close(void)
{
	if (reference && fclose(reference))
		die("reference file: %s", strerror(errno));
}

#endif
