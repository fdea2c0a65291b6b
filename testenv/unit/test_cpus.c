// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's list of CPUs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/cpus.h"

#define CPUS 12

/* @expected: a digit per CPU, 1 for online. */
static void check(const char *list, int err, const char *expected)
{
	bool online[CPUS];

	memset(online, true, sizeof(online));
	assert_int_equal(cpus_parse(list, online, CPUS), err);
	for (int cpu = 0; !err && cpu < CPUS; cpu++)
		assert_int_equal(online[cpu], expected[cpu] == '1');
}

static void lists_are_read(void **state)
{
	(void)state;
	check("0\n", 0, "100000000000");
	check("0-3,8\n", 0, "111100001000");
	check("1,3,5-6", 0, "010101100000");
	check("0-11\n", 0, "111111111111");
	check("\n", 0, "000000000000");
}

static void cpus_beyond_the_table_are_left_out(void **state)
{
	(void)state;
	check("10-4095\n", 0, "000000000011");
	check("99\n", 0, "000000000000");
}

static void other_text_is_refused(void **state)
{
	(void)state;
	check("none\n", -EINVAL, NULL);
	check("0-1;2\n", -EINVAL, NULL);
}

static void this_machine_has_a_cpu(void **state)
{
	bool online[4096];
	int count = 0;

	(void)state;
	assert_int_equal(cpus_online(online, 4096), 0);
	for (int cpu = 0; cpu < 4096; cpu++)
		count += online[cpu];
	assert_true(count >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(cpus_beyond_the_table_are_left_out),
		cmocka_unit_test(other_text_is_refused),
		cmocka_unit_test(this_machine_has_a_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
