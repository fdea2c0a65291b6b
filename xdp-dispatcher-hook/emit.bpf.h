/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the record of a frame to this CPU's ring: the only place that reserves, copies, submits
 * and counts. It never changes the frame or its verdict.
 */
#ifndef XDPDROP_EMIT_BPF_H
#define XDPDROP_EMIT_BPF_H

#include "filter.bpf.h"
#include "limit.bpf.h"

/*
 * bpf_ringbuf_reserve() requires a constant size. A class is for frames of which more than the
 * first and at most the second number of bytes are copied. It has room for a header and the latter.
 */
#define XDPDROP_SIZE_CLASSES(CLASS)                                                                \
	CLASS(0, 64)                                                                               \
	CLASS(64, 128)                                                                             \
	CLASS(128, 256)                                                                            \
	CLASS(256, 512)                                                                            \
	CLASS(512, 1024)                                                                           \
	CLASS(1024, 1536)                                                                          \
	CLASS(1536, 4096)                                                                          \
	CLASS(4096, 9216)                                                                          \
	CLASS(9216, 16384)                                                                         \
	CLASS(16384, 65536)

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
	__u32 reason;
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

/* The flags that wake the reader of the ring, which all capture points of a CPU share. */
static __always_inline __u64 xdpdrop_wakeup(__u32 watermark, __u64 size)
{
	struct xdpdrop_state *state = xdpdrop_state();

	if (!state)
		return BPF_RB_FORCE_WAKEUP;
	state->unsignalled += size;
	if (state->unsignalled < watermark)
		return BPF_RB_NO_WAKEUP;
	state->unsignalled = 0;
	return BPF_RB_FORCE_WAKEUP;
}

/*
 * The number of lost frames for the reserved record. Frames that exceed the field are left to later
 * records.
 */
static __always_inline __u16 xdpdrop_take_lost(struct xdpdrop_counters *counters)
{
	__u32 lost = (__u32)counters->lost - counters->lost_reported;

	if (lost > XDPDROP_MAX_LOST)
		lost = XDPDROP_MAX_LOST;
	counters->lost_reported += lost;
	return lost;
}

/* Reserve a record and copy the frame into it. Its caplen is 0 if that fails. NULL: no room. */
static __always_inline struct xdpdrop_record *xdpdrop_begin_sized(const struct xdpdrop_frame *frame,
								  struct xdpdrop_counters *counters,
								  void *ring, const __u64 least,
								  const __u64 room)
{
	struct xdpdrop_record *record = bpf_ringbuf_reserve(ring, sizeof(*record) + room, 0);

	if (!record)
		return NULL;
	/* After the reserve, so that records in a ring are in the order of their timestamps. */
	record->timestamp = bpf_ktime_get_ns();
	/* Before the copy, or it would take stack there. */
	record->lost = xdpdrop_take_lost(counters);
	record->caplen = frame->caplen;
	if (xdpdrop_copy(frame, record, frame->caplen, least, room))
		record->caplen = 0;
	return record;
}

/* The same for any frame. @size: bytes that the record takes. */
static __always_inline struct xdpdrop_record *xdpdrop_begin(const struct xdpdrop_frame *frame,
							    struct xdpdrop_counters *counters,
							    void *ring, __u64 *size)
{
#define XDPDROP_BEGIN_CLASS(least, room)                                                           \
	if (frame->caplen <= room) {                                                               \
		*size = sizeof(struct xdpdrop_record) + room;                                      \
		return xdpdrop_begin_sized(frame, counters, ring, least, room);                    \
	}
	XDPDROP_SIZE_CLASSES(XDPDROP_BEGIN_CLASS)
#undef XDPDROP_BEGIN_CLASS
	return NULL;
}

/* Once for all classes: the verifier takes a time that grows faster than the program. */
static __always_inline void xdpdrop_finish(const struct xdpdrop_frame *frame,
					   struct xdpdrop_counters *counters, __u32 watermark,
					   struct xdpdrop_record *record, __u64 size)
{
	__u32 caplen = record->caplen;
	__u8 flags = caplen ? 0 : XDPDROP_F_FAULT;

	if (caplen < frame->len)
		flags |= XDPDROP_F_TRUNCATED;
	if (frame->action > XDP_REDIRECT)
		flags |= XDPDROP_F_INVALID_ACTION;
	record->len = frame->len;
	record->sample = xdpdrop_constant(sampling) ? frame->sample : 0;
	record->reason = frame->reason;
	record->ifindex = frame->traced ? frame->ifindex : frame->ctx->ingress_ifindex;
	record->rx_queue = frame->traced ? frame->rx_queue : frame->ctx->rx_queue_index;
	record->point = frame->point;
	record->flags = flags;
	record->action = frame->action > XDP_REDIRECT ? XDP_ABORTED : frame->action;
	record->version = XDPDROP_RECORD_VERSION;
	record->rule = frame->rule;
	counters->captured++;
	bpf_ringbuf_submit(record, xdpdrop_wakeup(watermark, size));
}

/*
 * Uses jiffies, because the verifier inlines that call as a load; reading a clock takes 20 ns. If
 * the session gets no CPU time to extend its lease, frames count as lost.
 */
static __always_inline int xdpdrop_expired(const struct xdpdrop_control *control)
{
	return bpf_jiffies64() > control->deadline_jiffies;
}

/* No process reads the counters any more, or they must not change any more. */
static __always_inline int xdpdrop_disowned(const struct xdpdrop_control *control)
{
	return !control->deadline_jiffies;
}

static __always_inline int xdpdrop_matches(const struct xdpdrop_frame *frame)
{
	if (!frame->wanted)
		return 0;
	if (!xdpdrop_constant(filtering))
		return 1;
	if (frame->traced)
		return xdpdrop_matches_copy(frame->data, frame->linear, frame->len) != 0;
	return xdpdrop_matches_xdp(frame->ctx, frame->len) != 0;
}

/* Returns 0, or -1: there was no room. */
static __always_inline int xdpdrop_record(struct xdpdrop_frame *frame,
					  const struct xdpdrop_control *control,
					  struct xdpdrop_counters *counters)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct xdpdrop_record *record;
	__u64 size = 0;
	void *ring;

	frame->caplen = frame->len < control->snaplen ? frame->len : control->snaplen;
	/* there is no helper that reads fragments for tracing programs */
	if (frame->traced && frame->caplen > frame->linear)
		frame->caplen = frame->linear;
	ring = bpf_map_lookup_elem(&xdpdrop_rings, &cpu);
	record = ring ? xdpdrop_begin(frame, counters, ring, &size) : NULL;
	if (!record)
		return -1;
	xdpdrop_finish(frame, counters, control->watermark, record, size);
	return 0;
}

/*
 * Is the frame skipped because frames are only counted, by sampling, or by a limit? It is counted
 * then; otherwise its sampling interval is set.
 */
static __always_inline int xdpdrop_leaves_out(struct xdpdrop_frame *frame,
					      const struct xdpdrop_control *control,
					      struct xdpdrop_counters *counters)
{
	struct xdpdrop_state *state;

	if (xdpdrop_constant(counting)) {
		counters->sampled_out++;
		return 1;
	}
	if (!xdpdrop_constant(sampling) && !xdpdrop_constant(limiting))
		return 0;
	state = xdpdrop_state();
	if (!state)
		return 0;
	frame->sample = control->sample;
	if (xdpdrop_constant(sampling) && xdpdrop_skips(state, frame->sample)) {
		counters->sampled_out++;
		return 1;
	}
	if (xdpdrop_within_rates(state, frame->point, frame->reason))
		return 0;
	counters->limited++;
	return 1;
}

/*
 * The kernel lists as a program's maps all to which its instructions refer, also in a branch that
 * is never taken.
 */
static __always_inline void xdpdrop_sign(void)
{
	asm volatile("" : : "r"(&xdpdrop_owner));
}

/* Each frame is counted as seen and as exactly one of the outcomes. */
static __always_inline void xdpdrop_count(struct xdpdrop_frame *frame)
{
	__u32 index = frame->point * xdpdrop_constant(cpus) + bpf_get_smp_processor_id();
	const struct xdpdrop_control *control = &xdpdrop_control;
	struct xdpdrop_counters *counters;

	if (xdpdrop_disowned(control))
		return;
	counters = bpf_map_lookup_elem(&xdpdrop_counters, &index);
	if (!counters) {
		xdpdrop_sign();
		return;
	}
	counters->seen++;
	counters->bytes += frame->len;
	/* before the clock, the ring and the copy, so that other frames cost little */
	if (xdpdrop_expired(control)) {
		counters->lost++;
	} else if (!xdpdrop_matches(frame)) {
		counters->filtered++;
		if (xdpdrop_constant(matching)) {
			xdpdrop_note_filtered(frame->point, frame->len);
			return;
		}
	} else if (!xdpdrop_leaves_out(frame, control, counters)) {
		if (!xdpdrop_record(frame, control, counters))
			return;
		counters->lost++;
	}
	xdpdrop_note_left_out(frame->point, frame->reason, frame->len);
}

/* The replay that runs the program has the frame, and looks when the run is over. */
static __always_inline void xdpdrop_note_frame(const struct xdpdrop_frame *frame)
{
	struct xdpdrop_state *state = xdpdrop_state();

	if (!state)
		return;
	state->note.point = frame->point;
	state->note.action = frame->action > XDP_REDIRECT ? XDP_ABORTED : frame->action;
	state->note.reason = frame->reason;
	state->note.rule = frame->rule;
	state->note.count++;
}

/* Record @frame. All fields except caplen and sample are set. */
static __always_inline void xdpdrop_emit(struct xdpdrop_frame *frame)
{
	if (xdpdrop_constant(replaying)) {
		xdpdrop_note_frame(frame);
		return;
	}
	if (xdpdrop_constant(timing))
		xdpdrop_start_timer();
	xdpdrop_count(frame);
	if (xdpdrop_constant(timing))
		xdpdrop_stop_timer(frame->caplen != 0);
}

/* Record the frame of an XDP program that has decided @action for @reason. */
static __always_inline void xdpdrop_emit_xdp(struct xdp_md *ctx, __u32 point, __u32 action,
					     __u32 reason, __u64 rule, __u32 wanted)
{
	struct xdpdrop_frame frame = {
		.ctx = ctx,
		.point = point,
		.action = action,
		.reason = reason,
		.rule = rule,
		.wanted = wanted,
	};

	frame.len = xdpdrop_constant(has_frags) ? bpf_xdp_get_buff_len(ctx) : xdpdrop_linear(ctx);
	xdpdrop_emit(&frame);
}

/*
 * Record the event of a tracepoint for interface @ifindex. It counts as a frame of 0 bytes. Filter
 * and snap length do not apply.
 */
static __always_inline void xdpdrop_emit_exception(__u32 point, __u32 ifindex,
						   const struct xdpdrop_exception *exception)
{
	__u32 cpu = bpf_get_smp_processor_id(), index = point * xdpdrop_constant(cpus) + cpu;
	const struct xdpdrop_control *control = &xdpdrop_control;
	const __u64 size = sizeof(struct xdpdrop_record) + sizeof(*exception);
	struct xdpdrop_frame frame = { .point = point };
	struct xdpdrop_counters *counters;
	struct xdpdrop_record *record;
	void *ring;

	if (xdpdrop_disowned(control))
		return;
	counters = bpf_map_lookup_elem(&xdpdrop_counters, &index);
	if (!counters) {
		xdpdrop_sign();
		return;
	}
	counters->seen++;
	if (xdpdrop_expired(control)) {
		counters->lost++;
		return;
	}
	if (xdpdrop_leaves_out(&frame, control, counters))
		return;
	ring = bpf_map_lookup_elem(&xdpdrop_rings, &cpu);
	record = ring ? bpf_ringbuf_reserve(ring, size, 0) : NULL;
	if (!record) {
		counters->lost++;
		return;
	}
	*record = (struct xdpdrop_record){
		.timestamp = bpf_ktime_get_ns(),
		.sample = xdpdrop_constant(sampling) ? frame.sample : 0,
		.ifindex = ifindex,
		.lost = xdpdrop_take_lost(counters),
		.point = point,
		.flags = XDPDROP_F_EXCEPTION,
		.action = exception->action > XDP_REDIRECT ? XDP_ABORTED : exception->action,
		.version = XDPDROP_RECORD_VERSION,
	};
	if (exception->action > XDP_REDIRECT)
		record->flags |= XDPDROP_F_INVALID_ACTION;
	*(struct xdpdrop_exception *)record->data = *exception;
	counters->captured++;
	bpf_ringbuf_submit(record, xdpdrop_wakeup(control->watermark, size));
}

#endif
