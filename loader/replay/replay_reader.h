/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the frames of a pcap or pcapng file. Trusts nothing in it.
 */
#ifndef XDPDROP_REPLAY_READER_H
#define XDPDROP_REPLAY_READER_H

#include "replay/replay_format.h"

/* Open @path. 0, or -errno with reader->why. To be closed in any case. */
int replay_reader_open(struct replay_reader *reader, const char *path);

/* 1: *@packet is the next frame; 0: there is none; or -errno with reader->why. */
int replay_reader_next(struct replay_reader *reader, struct replay_packet *packet);

/*
 * @held: from now on, a frame that is not in bytes that were read before gives -EAGAIN. The bytes
 * of a frame then stay valid while the next ones are read.
 */
void replay_reader_hold(struct replay_reader *reader, bool held);

void replay_reader_close(struct replay_reader *reader);

#endif
