/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who is asked whether a frame matches, besides the subject: libpcap's interpreter and the
 * kernel's own classic BPF.
 */
#ifndef XDPDROP_TESTENV_ORACLE_H
#define XDPDROP_TESTENV_ORACLE_H

#include <linux/filter.h>
#include <linux/types.h>
#include <stddef.h>

/* A socket pair with the filter attached to the receiving end. */
struct kernel_oracle {
	int sockets[2];
};

int pcap_oracle(const struct sock_filter *program, size_t count, const void *frame, __u32 size);

/* Does libpcap take it for a valid program? */
int pcap_valid(const struct sock_filter *program, size_t count);

/* 0, or -errno if the kernel does not take the program. */
int kernel_oracle_open(struct kernel_oracle *oracle, const struct sock_filter *program,
		       size_t count);
int kernel_oracle_ask(const struct kernel_oracle *oracle, const void *frame, __u32 size);
void kernel_oracle_close(struct kernel_oracle *oracle);

#endif
