// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Puts notices into messages of a SOCK_SEQPACKET socket and takes them out again.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "notice.h"

union rights {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(sizeof(int))];
};

static size_t size_of(const struct notice *notice)
{
	size_t size = offsetof(struct notice, text);

	switch (notice->kind) {
	case NOTICE_LOG:
	case NOTICE_REASON:
		return size + strnlen(notice->text, sizeof(notice->text) - 1) + 1;
	case NOTICE_SITE:
		return size + sizeof(notice->site);
	default:
		return size;
	}
}

int notice_send(int socket, const struct notice *notice, int fd)
{
	struct iovec data = { .iov_base = (void *)notice, .iov_len = size_of(notice) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	union rights rights = { 0 };

	if (fd >= 0) {
		message.msg_control = &rights;
		message.msg_controllen = sizeof(rights);
		rights.header = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(sizeof(fd)) };
		memcpy(CMSG_DATA(&rights.header), &fd, sizeof(fd));
	}
	while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int take_rights(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int notice_receive(int socket, struct notice *notice, int *fd)
{
	struct iovec data = { .iov_base = notice, .iov_len = sizeof(*notice) };
	union rights rights;
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &rights,
				  .msg_controllen = sizeof(rights) };
	ssize_t size;

	memset(notice, 0, sizeof(*notice));
	/* reset: the other end is closed and had something to read; what it said is still here */
	do
		size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (size < 0 && (errno == EINTR || errno == ECONNRESET));
	if (size <= 0)
		return size ? -errno : -ENODATA;
	*fd = take_rights(&message);
	notice->text[sizeof(notice->text) - 1] = '\0';
	return 0;
}
