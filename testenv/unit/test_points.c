/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the table of capture points: which point a program takes that comes, and what a record
 * of an earlier program shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "record/points.h"

static struct points points;
static __u64 now;

/* In place of clock.c's: each point opens a second after the one before. */
__u64 clock_kernel(void)
{
	return now += 1000;
}

static int begin(void **state)
{
	(void)state;
	memset(&points, 0, sizeof(points));
	now = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	points_free(&points);
	return 0;
}

static int open_point(const char *program, __u32 id, __u32 ifindex)
{
	struct xdpdrop_point info = { .tap = "hook", .ifindex = ifindex, .program_id = id };
	struct reasons reasons = { 0 };

	snprintf(info.program, sizeof(info.program), "%s", program);
	return points_add(&points, &info, &reasons);
}

static __u32 id_at(unsigned int index, __u64 timestamp)
{
	return points_view(&points.point[index], timestamp).info->program_id;
}

static void test_a_reloaded_program_takes_its_point_again(void **state)
{
	(void)state;
	assert_int_equal(open_point("firewall", 1, 5), 0);
	points_close(&points, 0);
	assert_int_equal(open_point("firewall", 2, 5), 0);
	assert_int_equal(points.count, 1);
	assert_int_equal(points.point[0].programs, 2);
	assert_int_equal(points.point[0].info.program_id, 2);
	assert_false(points.point[0].info.gone);
}

static void test_a_point_is_not_shared(void **state)
{
	(void)state;
	assert_int_equal(open_point("firewall", 1, 5), 0);
	/* still open */
	assert_int_equal(open_point("firewall", 2, 5), 1);
	points_close(&points, 0);
	/* another program, another interface */
	assert_int_equal(open_point("balancer", 3, 5), 2);
	assert_int_equal(open_point("firewall", 4, 6), 3);
}

static void test_the_same_program_comes_first(void **state)
{
	(void)state;
	open_point("firewall", 1, 5);
	open_point("firewall", 2, 5);
	points_close_interface(&points, 5);
	assert_int_equal(open_point("firewall", 2, 5), 1);
	assert_int_equal(points.point[1].programs, 1);
	assert_int_equal(open_point("firewall", 3, 5), 0);
}

static void test_no_room(void **state)
{
	(void)state;
	for (int i = 0; i < XDPDROP_MAX_POINTS; i++)
		assert_int_equal(open_point("firewall", i + 1, 5), i);
	assert_int_equal(open_point("firewall", 1000, 5), -ENOSPC);
	points_close(&points, 77);
	assert_int_equal(open_point("firewall", 1001, 5), 77);
}

static void test_old_records_are_the_old_programs(void **state)
{
	(void)state;
	for (__u32 id = 1; id <= 3; id++) {
		assert_int_equal(open_point("firewall", id, 5), 0);
		points_close(&points, 0);
	}
	/* opened at 1000, 2000, 3000 */
	assert_int_equal(id_at(0, 1500), 1);
	assert_int_equal(id_at(0, 2000), 2);
	assert_int_equal(id_at(0, 2999), 2);
	assert_int_equal(id_at(0, 3000), 3);
	/* older than all of them */
	assert_int_equal(id_at(0, 1), 1);
}

static void test_what_no_ring_holds_is_forgotten(void **state)
{
	(void)state;
	for (__u32 id = 1; id <= 3; id++) {
		open_point("firewall", id, 5);
		points_close(&points, 0);
	}
	points_forget(&points, 1999);
	assert_int_equal(id_at(0, 1500), 1);
	points_forget(&points, 2000);
	assert_int_equal(id_at(0, 1500), 2);
	points_forget(&points, 3000);
	assert_null(points.point[0].past);
	assert_int_equal(id_at(0, 1500), 3);
}

static void test_each_program_has_its_reasons(void **state)
{
	struct xdpdrop_point info = { .program_id = 1 };

	(void)state;
	/* in the order in which they come from the control process */
	assert_int_equal(reasons_add(&points.coming, 7, "BLOCKLIST"), 0);
	assert_int_equal(points_put(&points, 0, &info, 1000), 0);
	info.program_id = 2;
	assert_int_equal(reasons_add(&points.coming, 7, "RUNT"), 0);
	assert_int_equal(points_put(&points, 0, &info, 2000), 0);
	assert_int_equal(points.coming.count, 0);
	assert_string_equal(reasons_name(points_view(&points.point[0], 1500).reasons, 7),
			    "BLOCKLIST");
	assert_string_equal(reasons_name(points_view(&points.point[0], 2500).reasons, 7), "RUNT");
}

static void test_open_ones(void **state)
{
	(void)state;
	assert_false(points_has_open(&points, 5));
	open_point("firewall", 1, 5);
	open_point("balancer", 2, 6);
	assert_true(points_has_open(&points, 5));
	points_refuse(&points, 0, -EPERM);
	assert_false(points_has_open(&points, 5));
	assert_int_equal(points.point[0].info.error, -EPERM);
	assert_true(points_has_open(&points, 6));
	points_close_interface(&points, 6);
	assert_false(points_has_open(&points, 6));
}

static void test_names_of_devices(void **state)
{
	char name[16];

	(void)state;
	assert_null(points_device(&points, 1));
	for (__u32 i = 1; i <= POINTS_DEVICES + 1; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		points_name_device(&points, i, name);
	}
	/* the oldest has made room */
	assert_null(points_device(&points, 1));
	assert_string_equal(points_device(&points, 2), "s2");
	/* the same name takes none */
	points_name_device(&points, POINTS_DEVICES + 1, name);
	assert_string_equal(points_device(&points, 2), "s2");
	points_name_device(&points, 3, "renamed");
	assert_string_equal(points_device(&points, 3), "renamed");
}

static void count_change(void *data, unsigned int index)
{
	unsigned int *changes = data;

	changes[index]++;
}

static void test_changes_are_passed_on(void **state)
{
	unsigned int changes[2] = { 0 };

	(void)state;
	points.changed = count_change;
	points.data = changes;
	open_point("firewall", 1, 5);
	open_point("balancer", 2, 5);
	points_close_interface(&points, 5);
	points_close_interface(&points, 5);
	assert_int_equal(changes[0], 2);
	assert_int_equal(changes[1], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_reloaded_program_takes_its_point_again,
						begin, end),
		cmocka_unit_test_setup_teardown(test_a_point_is_not_shared, begin, end),
		cmocka_unit_test_setup_teardown(test_the_same_program_comes_first, begin, end),
		cmocka_unit_test_setup_teardown(test_no_room, begin, end),
		cmocka_unit_test_setup_teardown(test_old_records_are_the_old_programs, begin, end),
		cmocka_unit_test_setup_teardown(test_what_no_ring_holds_is_forgotten, begin, end),
		cmocka_unit_test_setup_teardown(test_each_program_has_its_reasons, begin, end),
		cmocka_unit_test_setup_teardown(test_open_ones, begin, end),
		cmocka_unit_test_setup_teardown(test_names_of_devices, begin, end),
		cmocka_unit_test_setup_teardown(test_changes_are_passed_on, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
