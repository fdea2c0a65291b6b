/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a frame to a record in this CPU's ring: the only place that reserves, copies,
 * submits and counts. It never touches the frame and has no say in its verdict.
 */
#ifndef XDPDROP_EMIT_BPF_H
#define XDPDROP_EMIT_BPF_H

#include "maps.bpf.h"

/* bpf_ringbuf_reserve() wants a constant: room for a header and this many bytes of frame. */
#define XDPDROP_SIZE_CLASSES(CLASS)                                                                \
	CLASS(64)                                                                                  \
	CLASS(128)                                                                                 \
	CLASS(256)                                                                                 \
	CLASS(512)                                                                                 \
	CLASS(1024)                                                                                \
	CLASS(1536)                                                                                \
	CLASS(4096)                                                                                \
	CLASS(9216)                                                                                \
	CLASS(16384)                                                                               \
	CLASS(65536)

struct xdpdrop_frame {
	struct xdp_md *ctx;
	__u64 len;    /* whole frame */
	__u64 linear; /* what ctx->data..data_end shows */
	__u64 caplen; /* what to copy */
	__u32 action;
	__u32 reason;
};

/* Keeps @value in one 64-bit register, so that old verifiers see the bounds just checked. */
#define xdpdrop_opaque(value) asm volatile("" : "+r"(value))

static __always_inline long xdpdrop_copy(const struct xdpdrop_frame *frame, void *to, __u64 size)
{
	const void *data = (const void *)(long)frame->ctx->data;

	if (has_frags && size > frame->linear)
		return bpf_xdp_load_bytes(frame->ctx, 0, to, size);
	/* Reads packet memory as any kernel address: the fastest copy of variable length. */
	return bpf_probe_read_kernel(to, size, data);
}

static __always_inline __u64 xdpdrop_wakeup(struct xdpdrop_counters *counters, __u32 watermark,
					    __u64 size)
{
	counters->unsignalled += size;
	if (counters->unsignalled < watermark)
		return BPF_RB_NO_WAKEUP;
	counters->unsignalled = 0;
	return BPF_RB_FORCE_WAKEUP;
}

static __always_inline void xdpdrop_emit_sized(const struct xdpdrop_frame *frame,
					       struct xdpdrop_counters *counters, __u32 watermark,
					       void *ring, const __u64 room)
{
	struct xdpdrop_record *record;
	__u64 size = frame->caplen;
	__u16 flags = 0;

	record = bpf_ringbuf_reserve(ring, sizeof(*record) + room, 0);
	if (!record) {
		counters->lost++;
		return;
	}
	/* After the reserve, so that a ring's order is the order of its timestamps. */
	record->timestamp = bpf_ktime_get_ns();
	xdpdrop_opaque(size);
	if (size > room || size < 1 || xdpdrop_copy(frame, record->data, size)) {
		flags |= XDPDROP_F_FAULT;
		size = 0;
	}
	if (size < frame->len)
		flags |= XDPDROP_F_TRUNCATED;
	if (frame->action > XDP_REDIRECT)
		flags |= XDPDROP_F_INVALID_ACTION;
	record->len = frame->len;
	record->caplen = size;
	record->reason = frame->reason;
	record->ifindex = frame->ctx->ingress_ifindex;
	record->rx_queue = frame->ctx->rx_queue_index;
	record->site = site;
	record->flags = flags;
	record->action = frame->action > XDP_REDIRECT ? XDP_ABORTED : frame->action;
	record->version = XDPDROP_RECORD_VERSION;
	counters->captured++;
	bpf_ringbuf_submit(record, xdpdrop_wakeup(counters, watermark, sizeof(*record) + room));
}

static __always_inline int xdpdrop_expired(const struct xdpdrop_control *control)
{
	__u64 now = has_coarse_clock ? bpf_ktime_get_coarse_ns() : bpf_ktime_get_ns();

	return now > control->deadline;
}

static __always_inline void xdpdrop_measure(struct xdpdrop_frame *frame, __u32 snaplen)
{
	struct xdp_md *ctx = frame->ctx;

	frame->linear = (__u64)ctx->data_end - (__u64)ctx->data;
	frame->len = has_frags ? bpf_xdp_get_buff_len(ctx) : frame->linear;
	frame->caplen = frame->len < snaplen ? frame->len : snaplen;
}

/*
 * Record the frame in @ctx, on which the pipeline decided @action for @reason.
 * Every frame is counted as seen and as exactly one of the outcomes.
 */
static __always_inline void xdpdrop_emit(struct xdp_md *ctx, __u32 action, __u32 reason)
{
	struct xdpdrop_frame frame = { .ctx = ctx, .action = action, .reason = reason };
	__u32 cpu = bpf_get_smp_processor_id(), zero = 0, index = site * cpus + cpu;
	struct xdpdrop_control *control = bpf_map_lookup_elem(&xdpdrop_control, &zero);
	struct xdpdrop_counters *counters;
	void *ring;

	/* one program, and so one hook, may be attached to several interfaces */
	if (ctx->ingress_ifindex != ifindex || !control || xdpdrop_expired(control))
		return;
	counters = bpf_map_lookup_elem(&xdpdrop_counters, &index);
	if (!counters)
		return;
	xdpdrop_measure(&frame, control->snaplen);
	counters->seen++;
	counters->bytes += frame.len;
	ring = bpf_map_lookup_elem(&xdpdrop_rings, &cpu);
	if (!ring) {
		counters->lost++;
		return;
	}
#define XDPDROP_EMIT_CLASS(room)                                                                   \
	if (frame.caplen <= room) {                                                                \
		xdpdrop_emit_sized(&frame, counters, control->watermark, ring, room);              \
		return;                                                                            \
	}
	XDPDROP_SIZE_CLASSES(XDPDROP_EMIT_CLASS)
#undef XDPDROP_EMIT_CLASS
	counters->lost++;
}

#endif
