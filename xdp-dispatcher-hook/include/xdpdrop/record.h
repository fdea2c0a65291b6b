/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The record: one captured frame as it travels from the kernel to user space.
 * This file is compiled by clang -target bpf, as C and as C++. It is the whole contract between the
 * programs that write rings and their readers.
 */
#ifndef XDPDROP_RECORD_H
#define XDPDROP_RECORD_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define XDPDROP_RECORD_VERSION 2

/* The frame is longer than what follows the header (snap length or copy limit). */
#define XDPDROP_F_TRUNCATED 0x01
/* The kernel could not read the frame's bytes; caplen is 0. */
#define XDPDROP_F_FAULT 0x02
/* The program returned a number that is no XDP action; the kernel treats it as XDP_ABORTED. */
#define XDPDROP_F_INVALID_ACTION 0x04
/*
 * An event without a frame: the header is followed by a struct xdpdrop_exception; caplen and len
 * are 0.
 */
#define XDPDROP_F_EXCEPTION 0x08

/* Maximum number of bytes of a frame in a record (limit of bpf_xdp_load_bytes()). */
#define XDPDROP_MAX_CAPLEN 65535

/* Maximum number of lost frames in a record. Later records report the rest. */
#define XDPDROP_MAX_LOST 65535

/* Maximum number of reasons that a capture can select or exclude. */
#define XDPDROP_MAX_REASONS 16

/* Maximum number of rules that a capture can select. */
#define XDPDROP_MAX_RULES 16

struct xdpdrop_record {
	__u64 timestamp; /* nanoseconds, CLOCK_MONOTONIC, taken in the kernel */
	__u32 len;	 /* bytes of the frame as the program left it */
	__u16 caplen;	 /* bytes that follow this header, <= len */
	__u16 sample;	 /* one in this many frames was captured; 0 or 1: all */
	__u32 reason;	 /* the program's number of the reason, 0: none */
	__u32 ifindex;	 /* receiving interface */
	__u16 rx_queue;	 /* receive queue */
	__u16 lost;	 /* frames lost since the record before it of this capture point and CPU */
	__u8 point;	 /* index of the hook or program in the capture session */
	__u8 flags;	 /* XDPDROP_F_* */
	__u8 action;	 /* XDP action: 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect */
	__u8 version;	 /* XDPDROP_RECORD_VERSION */
	__u64 rule;	 /* the program's number of the rule, 0: none */
	__u8 data[];
};

/* What a program passes to the capture program. Before 0.2 only the reason. */
struct xdpdrop_why {
	__u32 reason;
	__u32 reserved;
	__u64 rule;
};

/* The kernel's tracepoint that an exception comes from. */
#define XDPDROP_XDP_EXCEPTION 1 /* XDP_ABORTED, or the driver could not carry out the verdict */
#define XDPDROP_REDIRECT_ERR 2	/* a redirect failed immediately */
#define XDPDROP_BULK_TX 3	/* XDP_TX: frames of a bulk could not be sent */
#define XDPDROP_DEVMAP_XMIT 4	/* XDP_REDIRECT: likewise, on the target interface */

/* The event of a tracepoint. Tracepoints pass no frames. */
struct xdpdrop_exception {
	__u32 tracepoint; /* XDPDROP_XDP_EXCEPTION ... */
	__u32 program_id; /* id of the interface's program; 0: unknown */
	__s32 error;	  /* negative errno, 0 none */
	__u32 frames;	  /* number of dropped frames */
	__u32 to_ifindex; /* interface that could not send them, 0: unknown */
	__u32 action;	  /* as returned by the program */
};

#ifdef __cplusplus
#define XDPDROP_ASSERT(condition, text) static_assert(condition, text)
#else
#define XDPDROP_ASSERT(condition, text) _Static_assert(condition, text)
#endif

XDPDROP_ASSERT(sizeof(struct xdpdrop_record) == 40, "record header is 40 bytes");
XDPDROP_ASSERT(sizeof(struct xdpdrop_why) == 16, "why is 16 bytes");
XDPDROP_ASSERT(sizeof(struct xdpdrop_exception) == 24, "an exception is 24 bytes");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, len) == 8, "len at 8");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, caplen) == 12, "caplen at 12");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, sample) == 14, "sample at 14");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, reason) == 16, "reason at 16");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, ifindex) == 20, "ifindex at 20");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, rx_queue) == 24, "rx_queue at 24");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, lost) == 26, "lost at 26");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, point) == 28, "point at 28");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, flags) == 29, "flags at 29");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, action) == 30, "action at 30");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, version) == 31, "version at 31");
XDPDROP_ASSERT(__builtin_offsetof(struct xdpdrop_record, rule) == 32, "rule at 32");

#endif
