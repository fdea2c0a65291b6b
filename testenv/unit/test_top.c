// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts and error bounds of heavy hitters, also against exact counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "count/top.h"

static struct top top;

static void begin(unsigned int capacity)
{
	assert_int_equal(top_open(&top, capacity), 0);
}

static int end(void **state)
{
	(void)state;
	top_close(&top);
	return 0;
}

static void add(const char *key, __u64 weight)
{
	top_add(&top, key, strlen(key), weight);
}

static void assert_entry(const struct top_entry *entry, const char *key, __u64 count, __u64 error)
{
	assert_int_equal(entry->size, strlen(key));
	assert_memory_equal(entry->key, key, entry->size);
	assert_int_equal(entry->count, count);
	assert_int_equal(entry->error, error);
}

static void test_exact_with_room(void **state)
{
	struct top_entry entry[4];

	(void)state;
	begin(4);
	add("a", 1);
	add("b", 10);
	add("a", 4);
	add("", 7);
	add("ab", 1000);
	assert_int_equal(top_list(&top, entry, 4), 4);
	assert_entry(&entry[0], "ab", 1000, 0);
	assert_entry(&entry[1], "b", 10, 0);
	assert_entry(&entry[2], "", 7, 0);
	assert_entry(&entry[3], "a", 5, 0);
	assert_int_equal(top.total, 1022);
	assert_int_equal(top_list(&top, entry, 2), 2);
	assert_entry(&entry[1], "b", 10, 0);
	assert_int_equal(top_list(&top, entry, 0), 0);
}

/* The new key inherits the smallest count. */
static void test_replacement(void **state)
{
	struct top_entry entry[2];

	(void)state;
	begin(2);
	add("a", 5);
	add("b", 3);
	add("c", 1);
	assert_int_equal(top_list(&top, entry, 2), 2);
	assert_entry(&entry[0], "a", 5, 0);
	assert_entry(&entry[1], "c", 4, 3);
	add("b", 2);
	assert_int_equal(top_list(&top, entry, 2), 2);
	assert_entry(&entry[0], "b", 6, 4);
	assert_entry(&entry[1], "a", 5, 0);
}

static void test_capacity_of_one(void **state)
{
	struct top_entry entry[3];

	(void)state;
	begin(1);
	add("a", 5);
	add("b", 3);
	add("b", 1);
	assert_int_equal(top_list(&top, entry, 3), 1);
	assert_entry(&entry[0], "b", 9, 5);
}

static void test_keys_of_all_sizes(void **state)
{
	struct top_entry entry[TOP_KEY_SIZE + 1];
	char key[TOP_KEY_SIZE] = { 0 };

	(void)state;
	begin(TOP_KEY_SIZE + 1);
	for (size_t round = 0; round < 2; round++)
		for (size_t size = 0; size <= TOP_KEY_SIZE; size++)
			top_add(&top, key, size, 1 + size);
	assert_int_equal(top_list(&top, entry, TOP_KEY_SIZE + 1), TOP_KEY_SIZE + 1);
	for (size_t i = 0; i <= TOP_KEY_SIZE; i++) {
		assert_int_equal(entry[i].size, TOP_KEY_SIZE - i);
		assert_int_equal(entry[i].count, 2 * (1 + TOP_KEY_SIZE - i));
		assert_int_equal(entry[i].error, 0);
	}
}

static void test_clear(void **state)
{
	struct top_entry entry[2];

	(void)state;
	begin(2);
	add("a", 5);
	add("b", 3);
	top_clear(&top);
	assert_int_equal(top.total, 0);
	assert_int_equal(top_list(&top, entry, 2), 0);
	add("b", 1);
	assert_int_equal(top_list(&top, entry, 2), 1);
	assert_entry(&entry[0], "b", 1, 0);
}

static void test_close_unopened(void **state)
{
	struct top none = { 0 };

	(void)state;
	top_close(&none);
	begin(1);
}

#define KEYS 20000
#define FRAMES 200000

static __u64 exact[KEYS], harmonic[KEYS + 1];

static __u32 next_random(void)
{
	static __u64 random = 88172645463325252ULL;

	random ^= random << 13;
	random ^= random >> 7;
	random ^= random << 17;
	return random >> 32;
}

/* Zipf's distribution: key k with a probability of 1 / (k + 1). */
static unsigned int next_key(void)
{
	__u64 at = (((__u64)next_random() << 32) | next_random()) % harmonic[KEYS];
	unsigned int low = 0, high = KEYS;

	while (high - low > 1) {
		unsigned int middle = (low + high) / 2;

		if (harmonic[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static void assert_bounds(const struct top_entry *entry, unsigned int count)
{
	__u64 sum = 0;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int key;

		memcpy(&key, entry[i].key, sizeof(key));
		assert_true(exact[key] >= entry[i].count - entry[i].error);
		assert_true(exact[key] <= entry[i].count);
		assert_true(entry[i].error <= top.total / top.capacity);
		assert_true(!i || entry[i].count <= entry[i - 1].count);
		sum += entry[i].count;
	}
	/* each weight was given to one counter */
	assert_int_equal(sum, top.total);
}

static int is_among(unsigned int key, const struct top_entry *entry, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!memcmp(&key, entry[i].key, sizeof(key)))
			return 1;
	return 0;
}

static void compare_with_exact(unsigned int capacity)
{
	struct top_entry *entry = calloc(capacity, sizeof(*entry));
	unsigned int count, heavy = 0;

	assert_non_null(entry);
	memset(exact, 0, sizeof(exact));
	begin(capacity);
	for (unsigned int i = 0; i < FRAMES; i++) {
		unsigned int key = next_key();
		__u64 weight = 1 + next_random() % 64;

		top_add(&top, &key, sizeof(key), weight);
		exact[key] += weight;
	}
	count = top_list(&top, entry, capacity);
	assert_int_equal(count, capacity);
	assert_bounds(entry, count);
	for (unsigned int key = 0; key < KEYS; key++) {
		if (exact[key] <= top.total / capacity)
			continue;
		heavy++;
		assert_true(is_among(key, entry, count));
	}
	assert_true(heavy >= 1 && heavy <= capacity);
	top_close(&top);
	free(entry);
}

static void test_against_exact_counts(void **state)
{
	(void)state;
	for (unsigned int key = 0; key < KEYS; key++)
		harmonic[key + 1] = harmonic[key] + (1ULL << 32) / (key + 1);
	compare_with_exact(20);
	compare_with_exact(64);
	compare_with_exact(1000);
}

#define TEST(function) cmocka_unit_test_teardown(function, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_exact_with_room),	 TEST(test_replacement), TEST(test_capacity_of_one),
		TEST(test_keys_of_all_sizes),	 TEST(test_clear),	 TEST(test_close_unopened),
		TEST(test_against_exact_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
