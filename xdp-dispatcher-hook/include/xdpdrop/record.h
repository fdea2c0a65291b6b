/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The record: one captured frame as it travels from the kernel to user space.
 * This file is compiled by clang -target bpf, by C and by C++, and is the whole
 * contract between the programs that write rings and whatever reads them.
 */
#ifndef XDPDROP_RECORD_H
#define XDPDROP_RECORD_H

#include <linux/types.h>

#define XDPDROP_RECORD_VERSION 1

/* The frame is longer than what follows the header (snap length or copy limit). */
#define XDPDROP_F_TRUNCATED 0x0001
/* The kernel could not read the frame's bytes; caplen is 0. */
#define XDPDROP_F_FAULT 0x0002
/* The program returned a number that is no XDP action; the kernel treats it as XDP_ABORTED. */
#define XDPDROP_F_INVALID_ACTION 0x0004

/* Most bytes of one frame that a record can hold (limit of bpf_xdp_load_bytes()). */
#define XDPDROP_MAX_CAPLEN 65535

struct xdpdrop_record {
	__u64 timestamp; /* nanoseconds, CLOCK_MONOTONIC, taken in the kernel */
	__u32 len;	 /* bytes of the frame as the program left it */
	__u32 caplen;	 /* bytes that follow this header, <= len */
	__u32 reason;	 /* the program's number for why, 0 when it gave none */
	__u32 ifindex;	 /* receiving interface */
	__u16 rx_queue;	 /* receive queue */
	__u16 site;	 /* index of the hook or program in the capture session */
	__u16 flags;	 /* XDPDROP_F_* */
	__u8 action;	 /* XDP action: 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect */
	__u8 version;	 /* XDPDROP_RECORD_VERSION */
	__u8 data[];
};

#ifdef __cplusplus
#define XDPDROP_ASSERT(condition, text) static_assert(condition, text)
#else
#define XDPDROP_ASSERT(condition, text) _Static_assert(condition, text)
#endif

XDPDROP_ASSERT(sizeof(struct xdpdrop_record) == 32, "record header is 32 bytes");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, len) == 8, "len at 8");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, caplen) == 12, "caplen at 12");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, reason) == 16, "reason at 16");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, ifindex) == 20, "ifindex at 20");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, rx_queue) == 24, "rx_queue at 24");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, site) == 26, "site at 26");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, flags) == 28, "flags at 28");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, action) == 30, "action at 30");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, version) == 31, "version at 31");

#endif
