// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that are measured: bare ones, one with a hook, small implementations of how other
 * tools bring frames to user space, and the least that any tool built on a ring buffer must do.
 * Each object that is loaded has one of them.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include <xdpdrop/hook.h>

#include "constants.h"
#include "exit_record.h"

#define RING_BYTES (16 * 1024 * 1024)
#define FIXED_BYTES 1500
#define HEADER_BYTES 32
#define BLOCK 64
#define MAX_BLOCKS 24

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING_BYTES);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} dropped SEC(".maps");

enum bench_reason {
	BENCH_BLOCKLIST = 1,
};

XDPDROP_HOOK(bench_hook, enum bench_reason);

/* Of many programs, each with a hook. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, BENCH_BRANCHES);
	__type(key, __u32);
	__type(value, __u32);
} branches SEC(".maps");

/* The verifier knows the values: it allows a reserve of a size that it reads from here. */
const volatile struct bench_constants constants;

struct fixed_record {
	__u16 len;
	__u8 data[FIXED_BYTES];
} __attribute__((packed));

struct exact_record {
	__u64 timestamp;
	__u8 rest[HEADER_BYTES - sizeof(__u64)];
	__u8 data[];
};

/* What a program at the exit of another gets of a frame; the kernel's own has more. */
struct xdp_buff {
	void *data;
	void *data_end;
} __attribute__((preserve_access_index));

__u64 lost;

static __always_inline void count(void)
{
	__u32 zero = 0;
	__u64 *cell = constants.counted ? bpf_map_lookup_elem(&dropped, &zero) : 0;

	if (cell)
		++*cell;
}

static __always_inline __u64 length(struct xdp_md *ctx)
{
	return constants.in_pieces ? bpf_xdp_get_buff_len(ctx) : ctx->data_end - ctx->data;
}

SEC("xdp")
int bare(struct xdp_md *ctx)
{
	(void)ctx;
	count();
	return XDP_DROP;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("xdp")
int hooked(struct xdp_md *ctx)
{
	count();
	return xdpdrop_exit(ctx, &bench_hook, XDP_DROP, constants.reason);
}

/* One of many programs. */
SEC("xdp")
int branching(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &branches, ctx->rx_queue_index);
	return XDP_DROP;
}

SEC("xdp")
int ruled(struct xdp_md *ctx)
{
	count();
	return xdpdrop_exit_rule(ctx, &bench_hook, XDP_DROP, constants.reason, constants.reason);
}

static __always_inline void put_fixed(struct xdp_md *ctx, void *ring)
{
	__u64 len = length(ctx);
	struct fixed_record *record;

	if (len > FIXED_BYTES || len < 1)
		return;
	record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);
	if (!record) {
		lost++;
		return;
	}
	record->len = len;
	asm volatile("" : "+r"(len));
	if (len > FIXED_BYTES || len < 1 || bpf_xdp_load_bytes(ctx, 0, record->data, len))
		bpf_ringbuf_discard(record, 0);
	else
		bpf_ringbuf_submit(record, 0);
}

/* One ring, a record of one size, a wakeup whenever the reader has caught up. */
SEC("xdp")
int fixed(struct xdp_md *ctx)
{
	count();
	put_fixed(ctx, &shared);
	return XDP_DROP;
}

/* The same with a ring per CPU. */
SEC("xdp")
int fixed_percpu(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *ring = bpf_map_lookup_elem(&rings, &cpu);

	count();
	if (ring)
		put_fixed(ctx, ring);
	return XDP_DROP;
}

/* At the exit of the program that drops: a ring per CPU, a record of one size, the verdict. */
SEC("fexit")
int BPF_PROG(fixed_percpu_at_exit, struct xdp_buff *xdp, int verdict)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 len = xdp->data_end - xdp->data;
	struct exit_record *record;
	void *ring;

	if (verdict != XDP_DROP)
		return 0;
	if (len > sizeof(record->data))
		len = sizeof(record->data);
	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (!ring)
		return 0;
	record = bpf_ringbuf_reserve(ring, sizeof(*record), 0);
	if (!record) {
		lost++;
		return 0;
	}
	record->timestamp = bpf_ktime_get_ns();
	record->verdict = verdict;
	record->len = len;
	/* the verifier is to know the bounds of what is passed */
	asm volatile("" : "+r"(len));
	if (len > sizeof(record->data) || bpf_probe_read_kernel(record->data, len, xdp->data))
		bpf_ringbuf_discard(record, 0);
	else
		bpf_ringbuf_submit(record, 0);
	return 0;
}

/* perf events; how often they wake the reader is the reader's choice. */
SEC("xdp")
int perf(struct xdp_md *ctx)
{
	__u64 len = length(ctx), header[2] = { bpf_ktime_get_ns(), len };

	count();
	if (bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU | len << 32, header,
				  sizeof(header)))
		lost++;
	return XDP_DROP;
}

static __always_inline void copy_block(__u64 *to, const __u64 *from)
{
#pragma unroll
	for (int i = 0; i < BLOCK / 8; i++)
		to[i] = from[i];
}

/* In ascending order; the last block overlaps the one before it. */
static __always_inline long copy_linear(struct xdp_md *ctx, char *to)
{
	const char *data = (const char *)(long)ctx->data, *end = (const char *)(long)ctx->data_end;
	__u32 last = constants.frame_bytes - BLOCK;

	for (__u32 at = 0; at + BLOCK <= MAX_BLOCKS * BLOCK && at <= last; at += BLOCK) {
		if (data + at + BLOCK > end)
			return -1;
		copy_block((__u64 *)(to + at), (const __u64 *)(data + at));
	}
	if (!(constants.frame_bytes % BLOCK))
		return 0;
	if (data + last + BLOCK > end)
		return -1;
	copy_block((__u64 *)(to + last), (const __u64 *)(data + last));
	return 0;
}

/* The bench measures which way is the fastest for frames of this size. */
static __always_inline long copy_exact(struct xdp_md *ctx, char *to)
{
	if (constants.in_pieces || constants.copy == BENCH_COPY_LOAD_BYTES)
		return bpf_xdp_load_bytes(ctx, 0, to, constants.frame_bytes);
	if (constants.copy == BENCH_COPY_PROBE_READ)
		return bpf_probe_read_kernel(to, constants.frame_bytes,
					     (const void *)(long)ctx->data);
	return copy_linear(ctx, to);
}

static __always_inline void put_exact(struct xdp_md *ctx, void *ring)
{
	struct exact_record *record =
		bpf_ringbuf_reserve(ring, HEADER_BYTES + constants.frame_bytes, 0);

	if (!record) {
		lost++;
		return;
	}
	record->timestamp = bpf_ktime_get_ns();
	if (copy_exact(ctx, (char *)record->data))
		lost++;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
}

/* The floor: reserve, time, copy, submit, and nothing that a tool would need besides. */
SEC("xdp")
int least(struct xdp_md *ctx)
{
	count();
	put_exact(ctx, &shared);
	return XDP_DROP;
}

/* The same with a ring per CPU. */
SEC("xdp")
int least_percpu(struct xdp_md *ctx)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *ring = bpf_map_lookup_elem(&rings, &cpu);

	count();
	if (ring)
		put_exact(ctx, ring);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
