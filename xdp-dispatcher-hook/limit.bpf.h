/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Skips matching frames by sampling and by rate limits, and measures the time per frame. The
 * verifier removes the code of limits that are not set.
 */
#ifndef XDPDROP_LIMIT_BPF_H
#define XDPDROP_LIMIT_BPF_H

#include "maps.bpf.h"

static __always_inline struct xdpdrop_state *xdpdrop_state(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&xdpdrop_states, &cpu);
}

/*
 * Draw the number of frames up to the next one to capture: 1 to 2 * @sample - 1, on average
 * @sample. A fixed step could fall in step with periodic traffic, and would be predictable. A
 * random number for each frame would take a call per frame.
 */
static __always_inline __u32 xdpdrop_draw(__u32 sample)
{
	return 1 + ((__u64)bpf_get_prandom_u32() * (2 * sample - 1) >> 32);
}

/* Drawn again when @sample has changed: an old draw could last for hours. */
static __always_inline int xdpdrop_skips(struct xdpdrop_state *state, __u32 sample)
{
	if (sample <= 1)
		return 0;
	if (state->sample != sample) {
		state->sample = sample;
		state->skip = xdpdrop_draw(sample);
	}
	if (--state->skip)
		return 1;
	state->skip = xdpdrop_draw(sample);
	return 0;
}

/*
 * A token bucket that holds the tokens of one second. @bucket is the time up to which tokens were
 * taken, and @interval the time per token, in parts of a jiffy (XDPDROP_JIFFY_PARTS).
 */
static __always_inline int xdpdrop_take_token(__u64 *bucket, __u64 interval)
{
	__u64 now = bpf_jiffies64() * XDPDROP_JIFFY_PARTS, taken = *bucket;

	if (taken < now - second)
		taken = now - second;
	if (taken + interval > now)
		return 0;
	*bucket = taken + interval;
	return 1;
}

/*
 * The reason's limit is checked first, so that a reason without tokens does not take tokens of all.
 */
static __always_inline int xdpdrop_within_rates(struct xdpdrop_state *state, __u32 point,
						__u64 reason)
{
	if (reason_interval) {
		struct xdpdrop_tally_slot *slot =
			xdpdrop_tally_find(&state->left_out, point, reason);

		if (!xdpdrop_take_token(&slot->bucket, reason_interval))
			return 0;
	}
	return !rate_interval || xdpdrop_take_token(&state->bucket, rate_interval);
}

/* Count a frame that is not captured, by its reason if it has one. */
static __always_inline void xdpdrop_note_left_out(struct xdpdrop_state *state, __u32 point,
						  __u64 reason, __u64 len)
{
	struct xdpdrop_tally_slot *slot;

	if (!reason)
		return;
	slot = xdpdrop_tally_find(&state->left_out, point, reason);
	slot->frames++;
	slot->bytes += len;
}

/* Count the bytes of a frame that did not match the filter, apart from those of its reason. */
static __always_inline void xdpdrop_note_filtered(struct xdpdrop_state *state, __u32 point,
						  __u64 len)
{
	state->filtered_bytes[point & (XDPDROP_MAX_POINTS - 1)] += len;
}

/* Time one of XDPDROP_TIMED_PART frames, and subtract the time of reading the clock. */
static __always_inline void xdpdrop_start_timer(void)
{
	struct xdpdrop_state *state = xdpdrop_state();
	__u64 before;

	if (!state || state->untimed--)
		return;
	state->untimed = XDPDROP_TIMED_PART - 1;
	before = bpf_ktime_get_ns();
	state->started = bpf_ktime_get_ns();
	state->clock_ns = state->started - before;
}

static __always_inline void xdpdrop_stop_timer(int captured)
{
	struct xdpdrop_state *state = xdpdrop_state();
	__u64 took;

	if (!state || !state->started)
		return;
	took = bpf_ktime_get_ns() - state->started;
	state->started = 0;
	if (took > state->clock_ns)
		xdpdrop_count_time(state, captured ? &state->far_ns[1] : &state->far_ns[0],
				   took - state->clock_ns);
}

#endif
