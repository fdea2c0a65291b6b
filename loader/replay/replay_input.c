// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each read returns what a pipe has, so that frames do not wait for a full window.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "common/signals.h"
#include "replay/replay_input.h"

/* Of the window, and of compressed bytes: so few that they stay in a CPU's cache. */
#define WINDOW_BYTES (1U << 17)
#define GZIP_ONLY (16 + MAX_WBITS) /* for inflateInit2() */

struct replay_unzip {
	z_stream stream;
	bool inside; /* a member of the file has begun and not ended */
	bool ended;  /* the file has no more bytes */
	unsigned char zipped[WINDOW_BYTES];
};

/* Bytes read, 0: the end, or -errno. Signals that are to end the replay do: -EINTR. */
static ssize_t replay_input_read_file(const struct replay_input *input, void *to, size_t bytes)
{
	ssize_t got;

	do
		got = read(input->fd, to, bytes);
	while (got < 0 && errno == EINTR && !signals_ended());
	return got < 0 ? -errno : got;
}

/* Make room for @bytes from input->start on. */
static int replay_input_make_room(struct replay_input *input, size_t bytes)
{
	unsigned char *grown;

	memmove(input->data, input->data + input->start, input->end - input->start);
	input->end -= input->start;
	input->start = 0;
	if (bytes <= input->size)
		return 0;
	grown = realloc(input->data, bytes);
	if (!grown)
		return -ENOMEM;
	input->data = grown;
	input->size = bytes;
	return 0;
}

static int replay_input_refill(struct replay_input *input)
{
	struct replay_unzip *unzip = input->unzip;
	ssize_t got = replay_input_read_file(input, unzip->zipped, sizeof(unzip->zipped));

	if (got < 0)
		return got;
	unzip->ended = !got;
	unzip->stream.next_in = unzip->zipped;
	unzip->stream.avail_in = got;
	return 0;
}

/* A file may have several members, one after the other. */
static int replay_input_inflate_some(struct replay_unzip *unzip)
{
	int result;

	if (!unzip->inside && inflateReset(&unzip->stream) != Z_OK)
		return -ENOMEM;
	unzip->inside = true;
	result = inflate(&unzip->stream, Z_NO_FLUSH);
	if (result == Z_STREAM_END)
		unzip->inside = false;
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? 0 :
	       result == Z_MEM_ERROR						 ? -ENOMEM :
										   -EBADMSG;
}

/* As replay_input_read_file(), of what is compressed. */
static ssize_t replay_input_read_unzipped(struct replay_input *input, void *to, size_t bytes)
{
	struct replay_unzip *unzip = input->unzip;
	int err = 0;

	unzip->stream.next_out = to;
	unzip->stream.avail_out = bytes;
	while (!err && unzip->stream.avail_out == bytes && !unzip->ended) {
		if (!unzip->stream.avail_in)
			err = replay_input_refill(input);
		if (!err && unzip->stream.avail_in)
			err = replay_input_inflate_some(unzip);
	}
	if (!err && unzip->stream.avail_out == bytes && unzip->inside)
		err = -EBADMSG;
	return err ? err : (ssize_t)(bytes - unzip->stream.avail_out);
}

const unsigned char *replay_input_read(struct replay_input *input, size_t bytes)
{
	input->error = input->still ? -EAGAIN : replay_input_make_room(input, bytes);
	while (!input->error && input->end < bytes) {
		unsigned char *to = input->data + input->end;
		size_t room = input->size - input->end;
		ssize_t got = input->unzip ? replay_input_read_unzipped(input, to, room) :
					     replay_input_read_file(input, to, room);

		if (!got)
			return NULL;
		if (got < 0)
			input->error = got;
		else
			input->end += got;
	}
	return input->error ? NULL : input->data;
}

/* What was read so far is the beginning of the compressed bytes. */
static int replay_input_start_unzip(struct replay_input *input)
{
	struct replay_unzip *unzip = calloc(1, sizeof(*unzip));

	if (!unzip || inflateInit2(&unzip->stream, GZIP_ONLY) != Z_OK) {
		free(unzip);
		return -ENOMEM;
	}
	unzip->stream.avail_in = input->end;
	unzip->stream.next_in = unzip->zipped;
	memcpy(unzip->zipped, input->data, unzip->stream.avail_in);
	input->end = 0;
	input->unzip = unzip;
	return 0;
}

int replay_input_open(struct replay_input *input, const char *path)
{
	const unsigned char *start;

	*input = (struct replay_input){ .size = WINDOW_BYTES };
	input->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) :
					fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (input->fd < 0)
		return -errno;
	input->data = malloc(input->size);
	if (!input->data)
		return -ENOMEM;
	start = replay_input_look(input, 2);
	if (!input->error && start && start[0] == 0x1f && start[1] == 0x8b)
		input->error = replay_input_start_unzip(input);
	return input->error;
}

size_t replay_input_left(const struct replay_input *input)
{
	return input->end - input->start;
}

void replay_input_close(struct replay_input *input)
{
	if (input->fd > STDERR_FILENO)
		close(input->fd);
	if (input->unzip)
		inflateEnd(&input->unzip->stream);
	free(input->unzip);
	free(input->data);
	*input = (struct replay_input){ .fd = -1 };
}
