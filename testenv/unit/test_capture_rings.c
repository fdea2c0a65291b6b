/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of rings on machines with many CPUs, with a kernel that the test makes up: it ends an
 * update of the map of rings when all that are due have begun.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/capture_rings.h"

#define CPUS 40
#define RINGS_FD 1000
#define MIB (1024 * 1024)

/* Only a test that fails waits so long. */
#define PATIENCE_S 60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned int begun, due; /* updates */
static unsigned int made;	/* rings that were passed on */
static int entry[CPUS];		/* of the map of rings, 0: none */
static int refused_cpu = -1, refused_ring = -1;

int bpf_map_create(enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size,
		   __u32 entries, const struct bpf_map_create_opts *opts)
{
	(void)name, (void)key_size, (void)value_size, (void)opts;
	assert_int_equal(type, BPF_MAP_TYPE_RINGBUF);
	assert_int_equal(entries, 2 * MIB);
	if ((int)made == refused_ring) {
		errno = ENOMEM;
		return -1;
	}
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool all_begin(void)
{
	struct timespec end;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&lock);
	begun++;
	pthread_cond_broadcast(&changed);
	while (!err && begun < due)
		err = pthread_cond_timedwait(&changed, &lock, &end);
	pthread_mutex_unlock(&lock);
	return !err;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	__u32 cpu = *(const __u32 *)key;

	(void)flags;
	if (fd != RINGS_FD || !all_begin() || (int)cpu == refused_cpu) {
		errno = ENOMEM;
		return -1;
	}
	entry[cpu] = *(const int *)value;
	return 0;
}

static int ring_made(void *data, __u32 cpu, int fd, size_t size)
{
	struct capture_maps *maps = data;

	assert_true(cpu < maps->cpus && fd >= 0);
	assert_int_equal(size, maps->ring_size);
	made++;
	return 0;
}

static int setup(void **state)
{
	static struct capture_maps maps;

	maps = CAPTURE_MAPS_NONE;
	maps.rings_fd = RINGS_FD;
	maps.cpus = CPUS;
	maps.ring_size = 2 * MIB;
	maps.ring_made = ring_made;
	maps.data = &maps;
	maps.ring_fds = malloc(CPUS * sizeof(*maps.ring_fds));
	maps.ring_used = calloc(CPUS, sizeof(*maps.ring_used));
	if (!maps.ring_fds || !maps.ring_used)
		return -1;
	memset(maps.ring_fds, -1, CPUS * sizeof(*maps.ring_fds));
	memset(entry, 0, sizeof(entry));
	begun = due = made = 0;
	refused_cpu = refused_ring = -1;
	*state = &maps;
	return 0;
}

static int teardown(void **state)
{
	struct capture_maps *maps = *state;

	for (unsigned int cpu = 0; cpu < CPUS; cpu++)
		if (maps->ring_fds[cpu] >= 0)
			close(maps->ring_fds[cpu]);
	free(maps->ring_fds);
	free(maps->ring_used);
	return 0;
}

static void assert_used(const struct capture_maps *maps, const bool *online)
{
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		assert_int_equal(maps->ring_used[cpu], online[cpu]);
		assert_int_equal(entry[cpu], online[cpu] ? maps->ring_fds[cpu] : 0);
	}
}

/* One after the other they would never end. */
static void all_rings_wait_for_one_grace_period(void **state)
{
	struct capture_maps *maps = *state;
	bool online[CPUS] = { 0 };

	for (unsigned int cpu = 0; cpu < CPUS; cpu += 2)
		online[cpu] = true;
	due = CPUS / 2;
	assert_int_equal(capture_rings_add_missing(maps, online), CPUS / 2);
	assert_used(maps, online);
	assert_int_equal(capture_rings_add_missing(maps, online), 0);
	assert_int_equal(begun, CPUS / 2);
	for (unsigned int cpu = 1; cpu < CPUS; cpu += 2)
		online[cpu] = true;
	due = CPUS;
	assert_int_equal(capture_rings_add_missing(maps, online), CPUS / 2);
	assert_used(maps, online);
}

static void a_ring_that_is_refused_is_tried_again(void **state)
{
	struct capture_maps *maps = *state;
	bool online[CPUS] = { [0] = true, [5] = true, [6] = true, [7] = true };

	refused_cpu = 5;
	assert_int_equal(capture_rings_add_missing(maps, online), -ENOMEM);
	online[5] = false;
	assert_used(maps, online);
	online[5] = true;
	refused_cpu = -1;
	assert_int_equal(capture_rings_add_missing(maps, online), 1);
	assert_used(maps, online);
	assert_int_equal(made, 4);
}

/* Those before it are used all the same. */
static void a_ring_that_cannot_be_created_is_tried_again(void **state)
{
	struct capture_maps *maps = *state;
	bool online[CPUS] = { [0] = true, [5] = true, [6] = true };

	refused_ring = 1;
	assert_int_equal(capture_rings_add_missing(maps, online), -ENOMEM);
	assert_true(entry[0]);
	refused_ring = -1;
	assert_int_equal(capture_rings_add_missing(maps, online), 2);
	assert_used(maps, online);
}

static void the_default_size_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(capture_rings_default_size(1), 16 * MIB);
	assert_int_equal(capture_rings_default_size(8), 16 * MIB);
	assert_int_equal(capture_rings_default_size(12), 8 * MIB);
	assert_int_equal(capture_rings_default_size(64), 2 * MIB);
	assert_int_equal(capture_rings_default_size(384), 2 * MIB);
}

/* A row of the table in xdpdrop-capture(8), from what the code reserves. */
static void describe(unsigned int cpus, char *row, size_t size)
{
	size_t ring = capture_rings_size(0, cpus);

	snprintf(row, size, ".It %u Ta %zu MiB Ta %zu MiB Ta %zu KiB Ta %zu MiB Ta %u\n", cpus,
		 ring / MIB, ring * cpus / MIB, capture_maps_counting_bytes(cpus) / 1024,
		 2 * ring * cpus / MIB, cpus);
}

static bool page_has(const char *row)
{
	FILE *page = fopen("man/xdpdrop-capture.8", "re");
	char line[256];
	bool found = false;

	assert_non_null(page);
	while (!found && fgets(line, sizeof(line), page))
		found = !strcmp(line, row);
	fclose(page);
	return found;
}

static void the_manual_page_has_what_is_reserved(void **state)
{
	const unsigned int cpus[] = { 2, 64, 384 };
	char row[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cpus) / sizeof(*cpus); i++) {
		describe(cpus[i], row, sizeof(row));
		if (!page_has(row))
			fail_msg("not in man/xdpdrop-capture.8: %s", row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_rings_wait_for_one_grace_period, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_ring_that_is_refused_is_tried_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_ring_that_cannot_be_created_is_tried_again, setup,
						teardown),
		cmocka_unit_test(the_default_size_is_bounded),
		cmocka_unit_test(the_manual_page_has_what_is_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
