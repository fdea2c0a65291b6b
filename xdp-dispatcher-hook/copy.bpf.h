/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame on its way to a record, and how its bytes get there. It never changes the frame.
 */
#ifndef XDPDROP_COPY_BPF_H
#define XDPDROP_COPY_BPF_H

#include "maps.bpf.h"

/* Records of up to this size are copied without a helper call. */
#define XDPDROP_DIRECT_ROOM 1536

/*
 * A frame from an XDP or tracing program. Values in the context are not repeated here: values that
 * live across calls take stack, of which a program that calls a subprogram with tail calls may use
 * 224 bytes.
 */
struct xdpdrop_frame {
	struct xdp_md *ctx;
	__u32 traced;	  /* by a tracing program: ctx is not set, but the next four fields are */
	const void *data; /* the linear part, in any kernel memory */
	__u64 linear;	  /* bytes of the linear part */
	__u32 ifindex;
	__u32 rx_queue;
	__u64 len;    /* bytes of the whole frame */
	__u64 caplen; /* bytes to copy */
	__u32 point;  /* index into counters and of the session's capture points */
	__u32 action;
	__u64 reason; /* 32 bits */
	__u64 rule;
	__u32 sample; /* sampling interval */
	__u32 wanted; /* 0: its reason or rule is not selected */
};

/* Keep @value in one 64-bit register, so that old verifiers use the bounds just checked. */
#define xdpdrop_opaque(value) asm volatile("" : "+r"(value))

static __always_inline __u64 xdpdrop_linear(const struct xdp_md *ctx)
{
	return (__u64)ctx->data_end - (__u64)ctx->data;
}

static __always_inline void xdpdrop_copy_block(void *to, const void *from, const __u64 block)
{
#pragma unroll
	for (__u64 i = 0; i < block / sizeof(__u64); i++)
		((__u64 *)to)[i] = ((const __u64 *)from)[i];
}

/*
 * The last block of a frame in @record. Read from memory, so that the verifier does not know the
 * size of the frame from what happened before, and follows the code behind only once.
 */
static __always_inline __u64 xdpdrop_last_block(const volatile struct xdpdrop_record *record,
						const __u64 block)
{
	return record->caplen - block;
}

/*
 * Copy in ascending order, as prefetchers expect, in blocks of which the last overlaps the one
 * before. A helper call alone takes longer than many loads and stores. The frame has more than
 * @least bytes. -1: shorter than a block, or not all of it linear.
 */
static __always_inline long xdpdrop_copy_direct(struct xdp_md *ctx, struct xdpdrop_record *record,
						const __u64 least, const __u64 room)
{
	/* Ethernet's shortest frames have 60 bytes. */
	const __u64 block = room > 64 ? 64 : 32;
	const volatile struct xdp_md *again = ctx;
	const void *data = (const void *)(long)ctx->data, *end = (const void *)(long)ctx->data_end;
	__u64 last = xdpdrop_last_block(record, block);

	if (data + least > end)
		return -1;
	xdpdrop_copy_block(record->data, data, least);
#pragma unroll
	for (__u64 at = least; at < room - block; at += block) {
		xdpdrop_opaque(last); /* otherwise clang counts up to it and does not unroll */
		if (at >= last)
			break;
		xdpdrop_opaque(end); /* otherwise clang >= 19 removes the check below */
		if (data + at + block > end)
			return -1;
		xdpdrop_copy_block(record->data + at, data + at, block);
	}
	last = xdpdrop_last_block(record, block);
	data = (const void *)(long)again->data;
	end = (const void *)(long)again->data_end;
	xdpdrop_opaque(last);
	if (last > room - block || data + last + block > end)
		return -1;
	xdpdrop_copy_block(record->data + last, data + last, block);
	return 0;
}

static __always_inline long xdpdrop_copy_called(const struct xdpdrop_frame *frame, void *to,
						__u64 size, const __u64 room)
{
	/*
	 * bound 0..room-1, then add 1: verifiers before 6.8 do not derive from "not 0" that it is
	 * at least 1
	 */
	size--;
	xdpdrop_opaque(size);
	if (size >= room)
		return -1;
	size++;
	if (!frame->traced && xdpdrop_constant(has_frags) && size > xdpdrop_linear(frame->ctx))
		return bpf_xdp_load_bytes(frame->ctx, 0, to, size);
	/*
	 * The fastest helper for variable lengths; it reads packet memory like any kernel address.
	 */
	return bpf_probe_read_kernel(
		to, size, frame->traced ? frame->data : (const void *)(long)frame->ctx->data);
}

static __always_inline long xdpdrop_copy(const struct xdpdrop_frame *frame,
					 struct xdpdrop_record *record, __u64 size,
					 const __u64 least, const __u64 room)
{
	if (!frame->traced && xdpdrop_constant(has_unaligned_loads) &&
	    room <= XDPDROP_DIRECT_ROOM && !xdpdrop_copy_direct(frame->ctx, record, least, room))
		return 0;
	return xdpdrop_copy_called(frame, record->data, size, room);
}

#endif
