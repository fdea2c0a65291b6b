/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of an input file, plain or compressed by gzip, through a window of bounded size.
 */
#ifndef XDPDROP_REPLAY_INPUT_H
#define XDPDROP_REPLAY_INPUT_H

#include <stddef.h>

struct replay_unzip;

struct replay_input {
	int fd;
	struct replay_unzip *unzip; /* NULL: the file is plain */
	unsigned char *data;
	size_t start, end, size; /* the window's unread bytes, and its room */
	int error;		 /* -errno of the last read; 0: none */
};

/* Open @path, or standard input for "-". 0 or -errno. */
int replay_input_open(struct replay_input *input, const char *path);

/*
 * The next @bytes, which stay unread, at most 16 MiB. Valid until the next call. NULL: the file has
 * less left, or input->error.
 */
const unsigned char *replay_input_look(struct replay_input *input, size_t bytes);

/* Number of bytes that are left, once replay_input_look() has returned NULL. */
size_t replay_input_left(const struct replay_input *input);

/* The bytes were read. Not more than the last look. */
void replay_input_skip(struct replay_input *input, size_t bytes);

void replay_input_close(struct replay_input *input);

#endif
