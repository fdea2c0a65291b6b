/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The record: one captured frame as it travels from the kernel to user space.
 * This file is compiled by clang -target bpf, by C and by C++, and is the whole
 * contract between the programs that write rings and whatever reads them.
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
/* No frame but news of one: behind the header is a struct xdpdrop_exception; caplen, len are 0. */
#define XDPDROP_F_EXCEPTION 0x08

/* Most bytes of one frame that a record can hold (limit of bpf_xdp_load_bytes()). */
#define XDPDROP_MAX_CAPLEN 65535

/* Most lost frames that a record can report; the records after it report the rest. */
#define XDPDROP_MAX_LOST 65535

/* Reasons that one capture can ask for or leave out. */
#define XDPDROP_MAX_REASONS 16

/* Rules that one capture can ask for. */
#define XDPDROP_MAX_RULES 16

struct xdpdrop_record {
	__u64 timestamp; /* nanoseconds, CLOCK_MONOTONIC, taken in the kernel */
	__u32 len;	 /* bytes of the frame as the program left it */
	__u16 caplen;	 /* bytes that follow this header, <= len */
	__u16 sample;	 /* one in so many frames was captured just then; 0 or 1: all */
	__u32 reason;	 /* the program's number for why, 0 when it gave none */
	__u32 ifindex;	 /* receiving interface */
	__u16 rx_queue;	 /* receive queue */
	__u16 lost;	 /* frames lost since the record before it of this capture point and CPU */
	__u8 point;	 /* index of the hook or program in the capture session */
	__u8 flags;	 /* XDPDROP_F_* */
	__u8 action;	 /* XDP action: 0 aborted, 1 drop, 2 pass, 3 tx, 4 redirect */
	__u8 version;	 /* XDPDROP_RECORD_VERSION */
	__u64 rule;	 /* the program's number for what exactly decided, 0 when it gave none */
	__u8 data[];
};

/* What a program leaves for the capture program. Before 0.2 it was the reason alone. */
struct xdpdrop_why {
	__u32 reason;
	__u32 reserved;
	__u64 rule;
};

/* The kernel's tracepoint that an exception comes from. */
#define XDPDROP_XDP_EXCEPTION 1 /* the driver met an XDP_ABORTED, or could not do as it was told */
#define XDPDROP_REDIRECT_ERR 2	/* a redirect failed at once */
#define XDPDROP_BULK_TX 3	/* XDP_TX: a bulk of frames could not be sent, or not all */
#define XDPDROP_DEVMAP_XMIT 4	/* XDP_REDIRECT: likewise, by the other interface */

/* All that is known of an exception: tracepoints have no frames. */
struct xdpdrop_exception {
	__u32 tracepoint; /* XDPDROP_XDP_EXCEPTION ... */
	__u32 program_id; /* attached to the interface; 0 not known */
	__s32 error;	  /* negative errno, 0 none */
	__u32 frames;	  /* how many were dropped for it */
	__u32 to_ifindex; /* interface that did not take them, 0 not known */
	__u32 action;	  /* as the program returned it */
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
