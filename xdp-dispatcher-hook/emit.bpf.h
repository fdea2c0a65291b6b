/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes the record of a frame to this CPU's ring: the only place that reserves, submits and
 * counts. It never changes the frame or its verdict.
 */
#ifndef XDPDROP_EMIT_BPF_H
#define XDPDROP_EMIT_BPF_H

#include "copy.bpf.h"
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

/* The flags that wake the reader of the ring, which all capture points of a CPU share. */
static __always_inline __u64 xdpdrop_wakeup(struct xdpdrop_state *state, __u32 watermark,
					    __u64 size)
{
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
	__s64 over = (__s64)lost - XDPDROP_MAX_LOST;

	/* without a branch, because the verifier would follow both ways through the copy */
	xdpdrop_opaque(over);
	over &= over >> 63;
	lost = XDPDROP_MAX_LOST + over;
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
					   struct xdpdrop_state *state,
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
	record->lost = xdpdrop_take_lost(counters);
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
	bpf_ringbuf_submit(record, xdpdrop_wakeup(state, watermark, size));
}

enum xdpdrop_lease {
	XDPDROP_LEASED,
	XDPDROP_EXPIRED,  /* the session got no CPU time to extend its lease: frames are lost */
	XDPDROP_DISOWNED, /* no process reads the counters any more, or they must not change */
};

/* Uses jiffies, because the verifier inlines that call as a load; reading a clock takes 20 ns. */
static __always_inline enum xdpdrop_lease xdpdrop_lease(const struct xdpdrop_control *control)
{
	__u64 deadline = *(const volatile __u64 *)&control->deadline_jiffies;

	if (bpf_jiffies64() <= deadline)
		return XDPDROP_LEASED;
	return deadline ? XDPDROP_EXPIRED : XDPDROP_DISOWNED;
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
					  struct xdpdrop_state *state,
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
	xdpdrop_finish(frame, state, counters, control->watermark, record, size);
	return 0;
}

/*
 * Is the frame skipped because frames are only counted, by sampling, or by a limit? It is counted
 * then; otherwise its sampling interval is set.
 */
static __always_inline int xdpdrop_leaves_out(struct xdpdrop_frame *frame,
					      const struct xdpdrop_control *control,
					      struct xdpdrop_state *state,
					      struct xdpdrop_counters *counters)
{
	if (xdpdrop_constant(counting)) {
		counters->sampled_out++;
		return 1;
	}
	if (!xdpdrop_constant(sampling) && !xdpdrop_constant(limiting))
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
	const struct xdpdrop_control *control = &xdpdrop_control;
	enum xdpdrop_lease lease = xdpdrop_lease(control);
	struct xdpdrop_counters *counters;
	struct xdpdrop_state *state;

	if (__builtin_expect(lease == XDPDROP_DISOWNED, 0))
		return;
	state = xdpdrop_state();
	if (!state) {
		xdpdrop_sign();
		return;
	}
	counters = &state->counters[frame->point & (XDPDROP_MAX_POINTS - 1)];
	counters->seen++;
	counters->bytes += frame->len;
	/* before the clock, the ring and the copy, so that other frames cost little */
	if (__builtin_expect(lease == XDPDROP_EXPIRED, 0)) {
		counters->lost++;
	} else if (__builtin_expect(!xdpdrop_matches(frame), 1)) {
		counters->filtered++;
		if (xdpdrop_constant(matching)) {
			xdpdrop_note_filtered(state, frame->point, frame->len);
			return;
		}
	} else if (__builtin_expect(!xdpdrop_leaves_out(frame, control, state, counters), 0)) {
		if (!xdpdrop_record(frame, control, state, counters))
			return;
		counters->lost++;
	}
	xdpdrop_note_left_out(state, frame->point, frame->reason, frame->len);
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
					     __u64 reason, __u64 rule, __u32 wanted)
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
	__u32 cpu = bpf_get_smp_processor_id();
	const struct xdpdrop_control *control = &xdpdrop_control;
	const __u64 size = sizeof(struct xdpdrop_record) + sizeof(*exception);
	struct xdpdrop_frame frame = { .point = point };
	struct xdpdrop_counters *counters;
	struct xdpdrop_record *record;
	enum xdpdrop_lease lease = xdpdrop_lease(control);
	struct xdpdrop_state *state;
	void *ring;

	if (__builtin_expect(lease == XDPDROP_DISOWNED, 0))
		return;
	state = bpf_map_lookup_elem(&xdpdrop_states, &cpu);
	if (!state) {
		xdpdrop_sign();
		return;
	}
	counters = &state->counters[point & (XDPDROP_MAX_POINTS - 1)];
	counters->seen++;
	if (lease == XDPDROP_EXPIRED) {
		counters->lost++;
		return;
	}
	if (xdpdrop_leaves_out(&frame, control, state, counters))
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
	bpf_ringbuf_submit(record, xdpdrop_wakeup(state, control->watermark, size));
}

#endif
