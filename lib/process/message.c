// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Encodes messages for a SOCK_SEQPACKET socket and decodes them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "process/message.h"
#include "process/seqpacket.h"

union rights {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(sizeof(int))];
};

static size_t message_size_of(const struct message *message)
{
	size_t size = offsetof(struct message, text);

	switch (message->kind) {
	case MESSAGE_LOG:
	case MESSAGE_REASON:
	case MESSAGE_DEVICE:
	case MESSAGE_FILE:
	case MESSAGE_EVENT:
		return size + strnlen(message->text, sizeof(message->text) - 1) + 1;
	case MESSAGE_POINT:
		return size + sizeof(message->point);
	default:
		return size;
	}
}

void message_set_end(struct message *message, const char *text)
{
	const size_t room = sizeof(message->text) - 1, length = strlen(text);
	const char *end = text, *cut = "";

	if (length > room) {
		cut = "... ";
		end = text + length - (room - strlen(cut));
		/* not in the middle of a character */
		while ((*end & 0xc0) == 0x80)
			end++;
	}
	snprintf(message->text, sizeof(message->text), "%s%s", cut, end);
}

int message_send(int socket, const struct message *message, int fd)
{
	struct iovec data = { .iov_base = (void *)message, .iov_len = message_size_of(message) };
	struct msghdr header = { .msg_iov = &data, .msg_iovlen = 1 };
	union rights rights;

	/* all of it: an initializer need not clear more than the first member */
	memset(&rights, 0, sizeof(rights));
	if (fd >= 0) {
		header.msg_control = &rights;
		header.msg_controllen = sizeof(rights);
		rights.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(sizeof(fd)) };
		memcpy(CMSG_DATA(&rights.header), &fd, sizeof(fd));
	}
	while (sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int message_take_rights(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int message_receive(int socket, struct message *message, int *fd)
{
	struct iovec data = { .iov_base = message, .iov_len = sizeof(*message) };
	union rights rights;
	struct msghdr header = { .msg_iov = &data,
				 .msg_iovlen = 1,
				 .msg_control = &rights,
				 .msg_controllen = sizeof(rights) };
	ssize_t size;

	memset(message, 0, sizeof(*message));
	size = seqpacket_receive(socket, &header);
	if (size < 0)
		return size;
	*fd = message_take_rights(&header);
	message->text[sizeof(message->text) - 1] = '\0';
	return 0;
}
