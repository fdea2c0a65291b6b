/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of the frames that match are left out, by sampling and by rate limits, and how long the
 * frames take. The verifier removes the code of limits that are not set.
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
 * How many frames on from here the next one to capture is: 1 to 2 * @sample - 1, @sample on
 * average. A fixed step would fall in with traffic that repeats itself, and could be foreseen; a
 * random number for each frame would cost each of them a call.
 */
static __always_inline __u32 xdpdrop_draw(__u32 sample)
{
	return 1 + ((__u64)bpf_get_prandom_u32() * (2 * sample - 1) >> 32);
}

/* Drawn anew when the session has changed @sample: an old draw might last for hours. */
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
 * A bucket that holds the tokens of one second. @bucket is the time up to which tokens have been
 * taken, each of which is worth @interval, in parts of a jiffy (XDPDROP_JIFFY_PARTS).
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

/* The reason first: a reason that has used up its tokens must not take those of all. */
static __always_inline int xdpdrop_within_rates(struct xdpdrop_state *state, __u32 point,
						__u32 reason)
{
	if (reason_interval) {
		struct xdpdrop_tally_slot *slot =
			xdpdrop_tally_find(&state->left_out, point, reason);

		if (!xdpdrop_take_token(&slot->bucket, reason_interval))
			return 0;
	}
	return !rate_interval || xdpdrop_take_token(&state->bucket, rate_interval);
}

/* Count a frame that is not captured by its reason, if it has one. */
static __always_inline void xdpdrop_note_left_out(__u32 point, __u32 reason, __u64 len)
{
	struct xdpdrop_tally_slot *slot;
	struct xdpdrop_state *state;

	if (!reason)
		return;
	state = xdpdrop_state();
	if (!state)
		return;
	slot = xdpdrop_tally_find(&state->left_out, point, reason);
	slot->frames++;
	slot->bytes += len;
}

/* Of each XDPDROP_TIMED_PART frames one is timed, less the time that reading the clock takes. */
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
