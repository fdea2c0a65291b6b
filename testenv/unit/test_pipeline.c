/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what can be asked of a pipeline that was read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <linux/if_link.h>
#include <string.h>

#include "xdp/pipeline.h"

static struct pipeline_program programs[8];
static struct pipeline pipeline;

static int begin(void **state)
{
	(void)state;
	memset(programs, 0, sizeof(programs));
	pipeline = (struct pipeline){ .programs = programs };
	return 0;
}

static struct pipeline_program *add(__u32 id)
{
	struct pipeline_program *program = &programs[pipeline.program_count++];

	program->id = id;
	return program;
}

/* A dispatcher, 10, with members 20 and 30, the second of which tail-calls 40. */
static void add_dispatcher(void)
{
	pipeline.root_id = 10;
	pipeline.dispatcher = true;
	add(10)->root = true;
	add(20)->member = true;
	add(30)->member = true;
	add(40)->caller_id = 30;
	programs[3].tail_called = true;
}

static void test_nothing_attached(void **state)
{
	(void)state;
	assert_null(pipeline_root(&pipeline));
	assert_null(pipeline_last_member(&pipeline));
	assert_null(pipeline_find(&pipeline, 0));
	assert_true(pipeline_is_whole(&pipeline));
}

static void test_members_run_in_order(void **state)
{
	(void)state;
	add_dispatcher();
	assert_ptr_equal(pipeline_root(&pipeline), &programs[0]);
	assert_null(pipeline_next_member(&pipeline, 10));
	assert_ptr_equal(pipeline_next_member(&pipeline, 20), &programs[2]);
	assert_null(pipeline_next_member(&pipeline, 30));
	assert_null(pipeline_next_member(&pipeline, 50));
	assert_ptr_equal(pipeline_last_member(&pipeline), &programs[2]);
}

static void test_whose_verdicts(void **state)
{
	(void)state;
	add_dispatcher();
	assert_ptr_equal(pipeline_speaker(&pipeline, &programs[0]), &programs[0]);
	assert_ptr_equal(pipeline_speaker(&pipeline, &programs[2]), &programs[2]);
	/* by way of another one */
	add(60)->caller_id = 40;
	assert_ptr_equal(pipeline_speaker(&pipeline, &programs[4]), &programs[2]);
	/* after a redirect a program speaks for itself */
	add(70)->caller_id = 30;
	strcpy(programs[5].entry, "cpumap cpus");
	assert_ptr_equal(pipeline_speaker(&pipeline, &programs[5]), &programs[5]);
}

static void test_callers_that_are_not_known(void **state)
{
	(void)state;
	add_dispatcher();
	add(60);
	assert_null(pipeline_speaker(&pipeline, &programs[4]));
	/* two that call each other */
	add(70)->caller_id = 80;
	add(80)->caller_id = 70;
	assert_null(pipeline_speaker(&pipeline, &programs[5]));
}

static void test_whole(void **state)
{
	(void)state;
	add_dispatcher();
	assert_true(pipeline_is_whole(&pipeline));
	pipeline.error = -EMFILE;
	assert_false(pipeline_is_whole(&pipeline));
	pipeline.error = 0;
	pipeline.program_count = 1;
	assert_false(pipeline_is_whole(&pipeline));
	pipeline.dispatcher = false;
	assert_true(pipeline_is_whole(&pipeline));
}

/* A program that has gone in the meantime is no error, and nor is one that nobody may see. */
static void test_errors_that_count(void **state)
{
	(void)state;
	pipeline_note_error(&pipeline, -ENOENT);
	pipeline_note_error(&pipeline, -EPERM);
	assert_int_equal(pipeline.error, 0);
	pipeline_note_error(&pipeline, -EMFILE);
	assert_int_equal(pipeline.error, -EMFILE);
}

static void test_selectors(void **state)
{
	(void)state;
	assert_true(pipeline_selects(NULL, 7, "firewall"));
	assert_true(pipeline_selects("7", 7, "firewall"));
	assert_false(pipeline_selects("8", 7, "firewall"));
	assert_true(pipeline_selects("firewall", 7, "firewall"));
	assert_false(pipeline_selects("fire", 7, "firewall"));
	/* a name that begins with a digit */
	assert_true(pipeline_selects("7up", 8, "7up"));
	assert_false(pipeline_selects("7up", 7, "firewall"));
	assert_false(pipeline_selects("", 7, "firewall"));
}

static void test_modes_have_names(void **state)
{
	(void)state;
	assert_string_equal(pipeline_mode_name(XDP_ATTACHED_NONE), "none");
	assert_string_equal(pipeline_mode_name(XDP_ATTACHED_DRV), "native");
	assert_string_equal(pipeline_mode_name(XDP_ATTACHED_SKB), "generic");
	assert_string_equal(pipeline_mode_name(XDP_ATTACHED_HW), "offloaded");
	assert_string_equal(pipeline_mode_name(XDP_ATTACHED_MULTI), "several modes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_nothing_attached, begin),
		cmocka_unit_test_setup(test_members_run_in_order, begin),
		cmocka_unit_test_setup(test_whose_verdicts, begin),
		cmocka_unit_test_setup(test_callers_that_are_not_known, begin),
		cmocka_unit_test_setup(test_whole, begin),
		cmocka_unit_test_setup(test_errors_that_count, begin),
		cmocka_unit_test_setup(test_selectors, begin),
		cmocka_unit_test_setup(test_modes_have_names, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
