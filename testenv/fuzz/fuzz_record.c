/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hostile ring bytes: whatever two rings hold, the drain ends, passes on only valid records,
 * and no byte of a record lies outside its ring.
 *
 * Input: 4 bytes per ring that place its producer, one that sets the budget, then the data
 * of the rings in turn.
 */
#include <stddef.h>
#include <stdint.h>

#include "../unit/fake_ring.h"
#include "record/ring.h"

#define RINGS 2
#define RING_SIZE 4096
#define ROUNDS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct check {
	const struct rings *rings;
	unsigned int sum; /* keeps the reads below from being optimised away */
};

static void check(int condition)
{
	if (!condition)
		abort();
}

static int is_within(const struct ring *ring, const struct xdpdrop_record *record)
{
	const char *end = (const char *)record->data + record->caplen;

	return (const char *)record >= ring->data && end <= ring->data + 2 * ring->size;
}

static int see(void *data, const struct xdpdrop_record *record)
{
	struct check *state = data;
	int within = 0;

	for (unsigned int i = 0; i < RINGS; i++)
		within |= is_within(&state->rings->ring[i], record);
	check(within);
	check(!record_check(record, sizeof(*record) + record->caplen));
	for (uint32_t i = 0; i < record->caplen; i++)
		state->sum += record->data[i];
	return 0;
}

static void take(void *to, size_t bytes, const uint8_t **data, size_t *size)
{
	size_t some = bytes < *size ? bytes : *size;

	memset(to, 0, bytes);
	if (some)
		memcpy(to, *data, some);
	*data += some;
	*size -= some;
}

static void load(struct ring *ring, uint32_t producer, const uint8_t **data, size_t *size)
{
	*ring->consumer_pos = ring->position = producer >> 16 & ~7U;
	/* The low half says how far ahead the producer is: also beyond the ring. */
	fake_set_producer(ring, ring->position + producer % (RING_SIZE + 64));
	take((char *)ring->data, RING_SIZE, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rings rings;
	struct check state = { .rings = &rings };
	uint32_t producer[RINGS];
	uint8_t budget;

	if (!rings.count)
		rings = fake_rings(RINGS, RING_SIZE, 0);
	take(producer, sizeof(producer), &data, &size);
	take(&budget, 1, &data, &size);
	for (unsigned int i = 0; i < RINGS; i++)
		load(&rings.ring[i], producer[i], &data, &size);
	for (int round = 0; round < ROUNDS; round++) {
		int passed = rings_drain(&rings, round < ROUNDS / 2 ? 1ULL << 32 : ~0ULL, budget,
					 see, &state);

		check(passed >= 0 && passed <= budget);
	}
	for (unsigned int i = 0; i < RINGS; i++) {
		unsigned long left = *rings.ring[i].producer_pos - *rings.ring[i].consumer_pos;

		check(left < RING_SIZE + 8); /* a producer need not be aligned here */
		check(*rings.ring[i].consumer_pos == rings.ring[i].position);
	}
	return 0;
}
