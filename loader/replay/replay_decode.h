/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame in one line.
 */
#ifndef XDPDROP_REPLAY_DECODE_H
#define XDPDROP_REPLAY_DECODE_H

#include <linux/types.h>
#include <stddef.h>

/* "udp 192.0.2.1.53 > 192.0.2.2.4000, 78 bytes" of the @caplen bytes of a frame of @len. */
void replay_decode(const void *data, __u32 caplen, __u32 len, char *text, size_t size);

#endif
