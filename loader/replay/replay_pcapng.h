/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads the blocks of pcapng.
 */
#ifndef XDPDROP_REPLAY_PCAPNG_H
#define XDPDROP_REPLAY_PCAPNG_H

#include "replay/replay_format.h"

/* As replay_reader_next(). */
int replay_pcapng_next(struct replay_reader *reader, struct replay_packet *packet);

#endif
