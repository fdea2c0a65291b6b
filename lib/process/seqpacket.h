/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Receives from a socket of type SOCK_SEQPACKET whose other end may be closed at any time.
 */
#ifndef XDPDROP_PROCESS_SEQPACKET_H
#define XDPDROP_PROCESS_SEQPACKET_H

#include <sys/socket.h>
#include <sys/types.h>

/*
 * Receive one message without waiting. It is not empty; @header is as recvmsg() leaves it. Returns
 * its size. Errors: -EAGAIN: there is none; -ENODATA: the other end is closed, and all of its
 * messages have been received; recvmsg()'s.
 */
ssize_t seqpacket_receive(int socket, struct msghdr *header);

#endif
