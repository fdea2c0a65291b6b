/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of an input file, plain or compressed by gzip, through a window of bounded size.
 */
#ifndef XDPDROP_REPLAY_INPUT_H
#define XDPDROP_REPLAY_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct replay_unzip;

struct replay_input {
	int fd;
	struct replay_unzip *unzip; /* NULL: the file is plain */
	unsigned char *data;
	size_t start, end, size; /* the window's unread bytes, and its room */
	bool still;		 /* the window stays as it is: no more is read */
	int error;		 /* -errno of the last read; 0: none; -EAGAIN: it is still */
};

/* Open @path, or standard input for "-". 0 or -errno. */
int replay_input_open(struct replay_input *input, const char *path);

/* For replay_input_look(): read until the window has @bytes. */
const unsigned char *replay_input_read(struct replay_input *input, size_t bytes);

/*
 * The next @bytes, which stay unread, at most 16 MiB. Valid until the next call for which the
 * window is not still. NULL: the file has less left, or input->error.
 */
static inline const unsigned char *replay_input_look(struct replay_input *input, size_t bytes)
{
	return input->end - input->start >= bytes ? input->data + input->start :
						    replay_input_read(input, bytes);
}

/* Number of bytes that are left, once replay_input_look() has returned NULL. */
size_t replay_input_left(const struct replay_input *input);

/* The bytes were read. Not more than the last look. */
static inline void replay_input_skip(struct replay_input *input, size_t bytes)
{
	input->start += bytes;
}

void replay_input_close(struct replay_input *input);

#endif
