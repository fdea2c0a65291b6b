// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracles. Includes libpcap's instructions under a name of their own.
 */
#define bpf_insn pcap_insn
#define bpf_program pcap_program
#include <pcap/pcap.h>
#undef bpf_insn
#undef bpf_program

#include "oracle.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

int pcap_oracle(const struct sock_filter *program, size_t count, const void *frame, __u32 size)
{
	const struct pcap_program filter = { count, (struct pcap_insn *)program };
	const struct pcap_pkthdr header = { .caplen = size, .len = size };

	return pcap_offline_filter(&filter, &header, frame) != 0;
}

int pcap_valid(const struct sock_filter *program, size_t count)
{
	return bpf_validate((const struct pcap_insn *)program, count);
}

int kernel_oracle_open(struct kernel_oracle *oracle, const struct sock_filter *program,
		       size_t count)
{
	struct sock_fprog filter = { .len = count, .filter = (struct sock_filter *)program };
	int err, room = 1 << 20;

	if (count > BPF_MAXINSNS)
		return -E2BIG;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, oracle->sockets))
		return -errno;
	setsockopt(oracle->sockets[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (!setsockopt(oracle->sockets[1], SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		return 0;
	err = -errno;
	kernel_oracle_close(oracle);
	return err;
}

int kernel_oracle_ask(const struct kernel_oracle *oracle, const void *frame, __u32 size)
{
	char byte;

	if (send(oracle->sockets[0], frame, size, 0) != (ssize_t)size)
		return -errno;
	/* What the filter returned is the length to keep: never 0 for a frame that matches. */
	if (recv(oracle->sockets[1], &byte, 1, MSG_DONTWAIT | MSG_TRUNC) > 0)
		return 1;
	return errno == EAGAIN ? 0 : -errno;
}

void kernel_oracle_close(struct kernel_oracle *oracle)
{
	close(oracle->sockets[0]);
	close(oracle->sockets[1]);
}
