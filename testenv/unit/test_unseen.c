/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what a capture does not see: whose drops, and which tag members are no taps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tap/tag_place.h"
#include "tap/unseen.h"
#include "xdpdrop.h"

static struct xdpdrop_opts opts;
static struct tap_context context;

static int begin(void **state)
{
	static struct pipeline_program programs[256];

	(void)state;
	memset(&opts, 0, sizeof(opts));
	memset(&context, 0, sizeof(context));
	context.opts = &opts;
	context.pipeline.programs = programs;
	return 0;
}

static struct pipeline_program *add(const char *name)
{
	struct pipeline *pipeline = &context.pipeline;
	struct pipeline_program *program = &pipeline->programs[pipeline->program_count++];

	*program = (struct pipeline_program){ .id = pipeline->program_count };
	strcpy(program->name, name);
	return program;
}

static struct pipeline_program *add_root(const char *name)
{
	struct pipeline_program *root = add(name);

	root->root = true;
	context.pipeline.root_id = root->id;
	return root;
}

static struct pipeline_program *add_member(const char *name)
{
	struct pipeline_program *member = add(name);

	member->member = true;
	return member;
}

static void unseen(const struct tap *tap, const char *expected)
{
	char text[512];

	unseen_describe(&context, tap, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void single_program(void **state)
{
	(void)state;
	add_root("firewall")->hooked = true;
	unseen(&tap_hook, "");
	unseen(&tap_exit, "");
	unseen(&tap_wrap, "");
}

static void behind_redirects(void **state)
{
	struct pipeline_program *second;

	(void)state;
	add_root("first");
	second = add("second");
	second->caller_id = 1;
	strcpy(second->entry, "cpumap cpus");
	unseen(&tap_wrap, "drops by second (id 2) in cpumap cpus are not seen: they come after "
			  "a redirect, and the wrapper is in the place of the program that "
			  "redirects");
	unseen(&tap_hook, "drops by first (id 1), second (id 2) in cpumap cpus are not seen: "
			  "no hook there; taps exit and wrap need none");
	unseen(&tap_exit, "");
	second->hooked = true;
	unseen(&tap_hook, "drops by first (id 1) are not seen: no hook there; taps exit and "
			  "wrap need none");
	opts.program = "second";
	unseen(&tap_hook, "");
}

static void in_the_device(void **state)
{
	(void)state;
	add_root("firewall");
	context.pipeline.offloaded_id = 7;
	unseen(&tap_wrap, "drops by program id 7, which runs in the network device, are not "
			  "seen");
	unseen(&tap_exit, "drops by program id 7, which runs in the network device, are not "
			  "seen");
	unseen(&tap_hook,
	       "drops by firewall (id 1) are not seen: no hook there; taps exit and "
	       "wrap need none; drops by program id 7, which runs in the network device, "
	       "are not seen");
}

/* A tail-called program's verdicts are those of the one that the wrapper wraps. */
static void tail_calls(void **state)
{
	struct pipeline_program *leaf, *loop;

	(void)state;
	add_root("root");
	leaf = add("leaf");
	leaf->tail_called = true;
	leaf->caller_id = 1;
	unseen(&tap_wrap, "");
	assert_ptr_equal(pipeline_speaker(&context.pipeline, leaf), &context.pipeline.programs[0]);
	loop = add("loop");
	loop->tail_called = true;
	loop->caller_id = 4;
	*add("pool") = (struct pipeline_program){ .id = 4, .tail_called = true, .caller_id = 3 };
	assert_null(pipeline_speaker(&context.pipeline, loop));
}

static void dispatcher(void **state)
{
	(void)state;
	add_root("xdp_dispatcher");
	context.pipeline.dispatcher = true;
	add_member("tagger");
	add_member("xdpdrop_tag_tap")->tags = true;
	add_member("dropper");
	unseen(&tap_tag, "frames that tagger (id 2), dropper (id 4) drop without a tag are not "
			 "seen; tap exit needs none");
}

/* Names that do not fit are counted. */
static void many_programs(void **state)
{
	char text[512];

	(void)state;
	add_root("root")->hooked = true;
	for (int i = 0; i < 40; i++)
		add("a_program_with_a_long_name");
	unseen_describe(&context, &tap_hook, text, sizeof(text));
	assert_non_null(strstr(text, "a_program_with_a_long_name (id 2), a_program"));
	assert_non_null(strstr(text, " and 32 more are not seen"));
}

static void tag_members(void **state)
{
	const struct pipeline *pipeline = &context.pipeline;
	struct pipeline_program *tag;

	(void)state;
	add_root("xdp_dispatcher");
	add_member("tagger");
	tag = add_member("xdpdrop_tag_tap");
	tag->tags = true;
	assert_null(tag_place_behind(pipeline, 3));
	assert_false(tag_place_is_tap(&context, 3));
	add_member("dropper");
	assert_string_equal(tag_place_before(pipeline, 3)->name, "tagger");
	assert_string_equal(tag_place_behind(pipeline, 3)->name, "dropper");
	assert_true(tag_place_is_tap(&context, 3));
	/* tag members neither tag nor drop */
	context.pipeline.programs[1].tags = true;
	assert_null(tag_place_before(pipeline, 3));
	assert_false(tag_place_is_tap(&context, 3));
	opts.untagged = true;
	assert_true(tag_place_is_tap(&context, 3));
	context.pipeline.programs[3].tags = true;
	assert_null(tag_place_behind(pipeline, 3));
	assert_false(tag_place_is_tap(&context, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(single_program, begin),
		cmocka_unit_test_setup(behind_redirects, begin),
		cmocka_unit_test_setup(in_the_device, begin),
		cmocka_unit_test_setup(tail_calls, begin),
		cmocka_unit_test_setup(dispatcher, begin),
		cmocka_unit_test_setup(many_programs, begin),
		cmocka_unit_test_setup(tag_members, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
