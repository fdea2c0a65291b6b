// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of a series of files: those of tcpdump(8), and which existing files have one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "files/template.h"

#define NOON 1700481600 /* 2023-11-20 12:00:00 UTC, day 324 */

static void assert_name(struct template template, unsigned int number, const char *expected)
{
	char name[PATH_MAX];

	assert_int_equal(template_name(&template, NOON, number, name, sizeof(name)), 0);
	assert_string_equal(name, expected);
}

static void the_width_is_that_of_the_last_number(void **state)
{
	(void)state;
	assert_int_equal(template_width(0), 0);
	assert_int_equal(template_width(1), 0);
	assert_int_equal(template_width(2), 1);
	assert_int_equal(template_width(10), 1);
	assert_int_equal(template_width(11), 2);
	assert_int_equal(template_width(100), 2);
	assert_int_equal(template_width(101), 3);
}

static void numbers_follow_the_name(void **state)
{
	(void)state;
	assert_name((struct template){ .text = "out" }, 0, "out");
	assert_name((struct template){ .text = "out" }, 1, "out1");
	assert_name((struct template){ .text = "out" }, 1234, "out1234");
	assert_name((struct template){ .text = "out", .width = 2 }, 0, "out00");
	assert_name((struct template){ .text = "out", .width = 2 }, 7, "out07");
	assert_name((struct template){ .text = "100%d" }, 0, "100%d");
}

static void times_are_those_of_strftime(void **state)
{
	(void)state;
	assert_name((struct template){ .text = "a-%Y%m%d-%H%M%S.pcap", .times = true }, 0,
		    "a-20231120-120000.pcap");
	assert_name((struct template){ .text = "%s", .times = true, .width = 1 }, 3, "17004816003");
	assert_name((struct template){ .text = "100%%", .times = true }, 0, "100%");
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	const struct template template = { .text = "12345678" };
	char name[9] = "";

	(void)state;
	assert_int_equal(template_name(&template, NOON, 0, name, sizeof(name)), 0);
	assert_int_equal(template_name(&template, NOON, 1, name, sizeof(name)), -ENAMETOOLONG);
}

static void assert_matches(struct template template, const char *name, bool expected)
{
	if (template_matches(&template, name) != expected)
		fail_msg("'%s' and '%s'", template.text, name);
}

static void every_name_matches_its_template(void **state)
{
	static const char *const texts[] = { "a%Y%m%d%H%M%S", "%F %T", "%s", "%j.%y%%x", "plain" };
	char name[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (unsigned int width = 0; width < 3; width++)
			for (unsigned int number = 0; number < 10; number += 9) {
				const struct template template = { .text = texts[i],
								   .times = true,
								   .width = width };

				template_name(&template, NOON, number, name, sizeof(name));
				assert_matches(template, name, true);
			}
}

static void other_names_do_not_match(void **state)
{
	const struct template times = { .text = "d/x-%H%M.pcapng", .times = true };
	const struct template numbers = { .text = "x.pcapng", .width = 2 };

	(void)state;
	assert_matches(times, "x-1200.pcapng", true);
	assert_matches(times, "x-1200.pcapng3", true);
	assert_matches(times, "x-12000.pcapng", false);
	assert_matches(times, "x-12.pcapng", false);
	assert_matches(times, "x-.pcapng", false);
	assert_matches(times, "x-1200.pcapng.gz", false);
	assert_matches(times, "y-1200.pcapng", false);
	assert_matches(times, "", false);
	assert_matches(numbers, "x.pcapng", false);
	assert_matches(numbers, "x.pcapng1", false);
	assert_matches(numbers, "x.pcapng01", true);
	assert_matches(numbers, "x.pcapng001", false);
}

/* One that might be anything deletes nothing. */
static void words_and_directories_of_times_match_nothing(void **state)
{
	(void)state;
	assert_matches((struct template){ .text = "%b", .times = true }, "Nov", false);
	assert_matches((struct template){ .text = "%Y/x", .times = true }, "x", false);
	assert_matches((struct template){ .text = "x%", .times = true }, "x", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_width_is_that_of_the_last_number),
		cmocka_unit_test(numbers_follow_the_name),
		cmocka_unit_test(times_are_those_of_strftime),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
		cmocka_unit_test(every_name_matches_its_template),
		cmocka_unit_test(other_names_do_not_match),
		cmocka_unit_test(words_and_directories_of_times_match_nothing),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
