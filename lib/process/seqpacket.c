// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads the end of a socket twice, because the first answer can be wrong.
 */
#include <errno.h>
#include <stdbool.h>

#include "process/seqpacket.h"

/*
 * The kernel looks for a message and, if there is none, whether the other end is closed
 * (unix_dgram_recvmsg()). A message that is sent between both looks, by a process that then ends,
 * is still there after the "end of the file". Nothing comes after the first such answer, so the
 * second one is right. ECONNRESET: the other end was closed with unread data; its own messages can
 * still be read.
 */
ssize_t seqpacket_receive(int socket, struct msghdr *header)
{
	const size_t room = header->msg_controllen;
	bool closed = false;
	ssize_t size;

	for (;;) {
		/* recvmsg() has set it to what came */
		header->msg_controllen = room;
		size = recvmsg(socket, header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
		if (size > 0)
			return size;
		if (size < 0 && errno != EINTR && errno != ECONNRESET)
			return -errno;
		if (size == 0 && closed)
			return -ENODATA;
		closed |= size == 0;
	}
}
