/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the choice of a tap, with taps that work or refuse as the test wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tap/tap_select.h"

static struct xdpdrop_opts opts;
static struct tap_context context;
static struct pipeline_program programs[4];
static char messages[4096];

/* What each tap's check() returns, and in words. */
struct answer {
	int err;
	const char *why;
};
static struct answer hook, tag, exits, wrap, exception;

#define CHECK(name)                                                                                \
	static int check_##name(const struct tap_context *asked, char *why, size_t size)           \
	{                                                                                          \
		(void)asked;                                                                       \
		snprintf(why, size, "%s", name.why);                                               \
		return name.err;                                                                   \
	}
CHECK(hook)
CHECK(tag)
CHECK(exits)
CHECK(wrap)
CHECK(exception)

/* In place of the library's. */
const struct tap tap_hook = {
	.name = "hook", .shows = TAP_SHOWS_HOOKS, .has_reasons = true, .check = check_hook
};
const struct tap tap_tag = {
	.name = "tag", .shows = TAP_SHOWS_TAGS, .has_reasons = true, .check = check_tag
};
const struct tap tap_exit = { .name = "exit", .check = check_exits };
const struct tap tap_wrap = { .name = "wrap", .shows = TAP_SHOWS_ROOT, .check = check_wrap };
const struct tap tap_combined = { .name = "combined", .has_reasons = true };
const struct tap tap_exception = { .name = "exception", .check = check_exception };

static void keep_message(void *data, enum xdpdrop_log_level level, const char *text)
{
	size_t used = strlen(messages);

	(void)data;
	(void)level;
	snprintf(messages + used, sizeof(messages) - used, "%s\n", text);
}

static const struct log log = { .fn = keep_message, .level = XDPDROP_LOG_WARN };

static int begin(void **state)
{
	(void)state;
	memset(&opts, 0, sizeof(opts));
	memset(&context, 0, sizeof(context));
	memset(programs, 0, sizeof(programs));
	messages[0] = '\0';
	opts.actions = 1U << XDP_DROP;
	context.opts = &opts;
	context.log = &log;
	context.pipeline.programs = programs;
	strcpy(context.pipeline.ifname, "eth0");
	context.pipeline.root_id = 1;
	hook = tag = exits = wrap = exception = (struct answer){ 0, "" };
	return 0;
}

static struct pipeline_program *add(const char *name)
{
	struct pipeline_program *program = &programs[context.pipeline.program_count++];

	program->id = context.pipeline.program_count;
	strcpy(program->name, name);
	return program;
}

static void refuse(struct answer *answer, int err, const char *why)
{
	*answer = (struct answer){ err, why };
}

static const char *chosen(const struct tap *asked)
{
	const struct tap *tap = NULL;

	return tap_select_all(&context, asked, &tap) ? "none" : tap->name;
}

static void test_the_first_that_works(void **state)
{
	(void)state;
	add("firewall")->hooked = true;
	programs[0].root = true;
	assert_string_equal(chosen(NULL), "hook");
	refuse(&hook, -ENOENT, "no hook");
	refuse(&tag, -ENOENT, "no dispatcher");
	assert_string_equal(chosen(NULL), "exit");
	refuse(&exits, -EOPNOTSUPP, "no trampolines");
	assert_string_equal(chosen(NULL), "wrap");
	assert_string_equal(messages, "");
}

static void test_all_refuse(void **state)
{
	const struct tap *tap;

	(void)state;
	refuse(&hook, -ENOENT, "no hook");
	refuse(&tag, -ENOENT, "no dispatcher");
	refuse(&exits, -EOPNOTSUPP, "no trampolines");
	refuse(&wrap, -EBUSY, "somebody else's");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EBUSY);
	assert_string_equal(messages, "cannot attach to eth0: wrap: somebody else's\n");
	messages[0] = '\0';
	refuse(&hook, -EBUSY, "another capture's");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EBUSY);
	assert_string_equal(messages, "cannot attach to eth0: hook: another capture's\n");
	messages[0] = '\0';
	refuse(&hook, -ENOENT, "no hook");
	refuse(&wrap, -EOPNOTSUPP, "device-bound");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EOPNOTSUPP);
	assert_string_equal(messages, "cannot attach to eth0: wrap: device-bound\n");
}

static void test_nothing_is_attached(void **state)
{
	const struct tap *tap;

	(void)state;
	context.pipeline.root_id = 0;
	refuse(&hook, -ENOENT, "no hook");
	refuse(&tag, -ENOENT, "no dispatcher");
	refuse(&exits, -EOPNOTSUPP, "no trampolines");
	refuse(&wrap, -ENOENT, "no program");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -ENOENT);
	assert_string_equal(messages, "no XDP program is attached to eth0, so XDP drops nothing "
				      "there\n");
}

static void test_reasons_are_lost(void **state)
{
	(void)state;
	refuse(&hook, -EBUSY, "it is in use");
	refuse(&tag, -ENOENT, "no dispatcher");
	refuse(&exits, -EOPNOTSUPP, "no trampolines");
	assert_string_equal(chosen(NULL), "wrap");
	assert_string_equal(messages, "eth0: tap wrap does not see the reasons of drops: tap hook "
				      "cannot be used, since it is in use\n");
	messages[0] = '\0';
	assert_string_equal(chosen(&tap_wrap), "wrap");
	assert_string_equal(messages, "");
}

static void test_answers(void **state)
{
	struct tap_answer answers[TAP_SELECT_MAX];

	(void)state;
	refuse(&hook, -EBUSY, "it is in use");
	refuse(&tag, -ENOENT, "no dispatcher");
	assert_int_equal(tap_select_answer(&context, NULL, answers), 4);
	assert_string_equal(messages, "");
	assert_ptr_equal(answers[0].tap, &tap_hook);
	assert_false(answers[0].works || answers[0].chosen);
	assert_string_equal(answers[0].why, "it is in use");
	assert_true(answers[2].works && answers[2].chosen);
	assert_true(answers[3].works && !answers[3].chosen);
	tap_select_answer(&context, &tap_wrap, answers);
	assert_string_equal(answers[0].why, "not asked for");
	assert_true(answers[3].chosen);
}

static void test_a_tap_that_is_asked_for(void **state)
{
	const struct tap *tap;

	(void)state;
	assert_string_equal(chosen(tap_select_find("wrap")), "wrap");
	refuse(&wrap, -EBUSY, "somebody else's");
	assert_int_equal(tap_select_all(&context, tap_select_find("wrap"), &tap), -EBUSY);
	assert_string_equal(messages, "cannot attach to eth0: wrap: somebody else's\n");
	assert_null(tap_select_find("auto"));
}

/* Drops of a program without a hook would be missing. */
static void test_exits_beside_hooks(void **state)
{
	(void)state;
	add("firewall")->hooked = true;
	programs[0].root = true;
	add("other");
	assert_string_equal(chosen(NULL), "combined");
	assert_string_equal(chosen(&tap_hook), "hook");
	refuse(&exits, -EOPNOTSUPP, "no trampolines");
	assert_string_equal(chosen(NULL), "hook");
}

static void test_a_program_that_is_asked_for(void **state)
{
	(void)state;
	opts.program = "other";
	assert_string_equal(chosen(NULL), "hook");
	/* tags are those of another program */
	refuse(&hook, -ENOENT, "no hook");
	assert_string_equal(chosen(NULL), "exit");
}

static void test_a_pin_is_a_hook(void **state)
{
	const struct tap *tap;

	(void)state;
	opts.hook_pin = "/sys/fs/bpf/hook";
	assert_string_equal(chosen(NULL), "hook");
	refuse(&hook, -EINVAL, "no hook");
	/* -EINVAL means wrong options */
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EOPNOTSUPP);
}

static void test_reasons_need_a_tap_that_sees_them(void **state)
{
	const struct tap *tap;

	(void)state;
	opts.only_reasons = "7";
	refuse(&hook, -ENOENT, "no hook");
	refuse(&tag, -ENOENT, "no dispatcher");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EOPNOTSUPP);
	assert_non_null(strstr(messages, "wrap: it cannot record reasons"));
}

static void test_exceptions(void **state)
{
	const struct tap *tap;

	(void)state;
	opts.actions = XDPDROP_EXCEPTIONS;
	assert_string_equal(chosen(NULL), "exception");
	opts.actions |= 1U << XDP_DROP;
	add("firewall")->hooked = true;
	assert_string_equal(chosen(NULL), "hook");
	refuse(&exception, -EOPNOTSUPP, "no tracepoints");
	assert_int_equal(tap_select_all(&context, NULL, &tap), -EOPNOTSUPP);
	assert_non_null(strstr(messages, "cannot see exceptions on eth0: no tracepoints"));
}

/* Hooks report what their programs report. */
static void test_other_verdicts_are_mentioned(void **state)
{
	(void)state;
	add("firewall")->hooked = true;
	opts.actions |= 1U << XDP_PASS;
	assert_string_equal(chosen(&tap_hook), "hook");
	assert_string_equal(messages, "");
	assert_string_equal(chosen(NULL), "hook");
	assert_non_null(strstr(messages, "taps wrap and exit show other verdicts"));
}

/* A hook of the program that was added last. */
static void add_hook(void)
{
	static struct pipeline_hook hooks[1];

	hooks[0] =
		(struct pipeline_hook){ .slots = 5, .program_id = context.pipeline.program_count };
	programs[context.pipeline.program_count - 1].hooked = true;
	context.pipeline.hooks = hooks;
	context.pipeline.hook_count = 1;
}

static const char *better(const struct tap *tap)
{
	static char text[512];

	tap_select_better(&context, tap, text, sizeof(text));
	assert_string_equal(messages, "");
	return text;
}

static void test_a_hook_is_better_later(void **state)
{
	(void)state;
	add("firewall")->root = true;
	refuse(&hook, -ENOENT, "no hook");
	refuse(&tag, -ENOENT, "no dispatcher");
	refuse(&exits, -EBUSY, "it has a wrapper");
	assert_string_equal(better(&tap_wrap), "");
	add_hook();
	refuse(&hook, -EBUSY, "another capture's");
	assert_string_equal(better(&tap_wrap), "");
	refuse(&hook, 0, "");
	assert_string_equal(better(&tap_wrap),
			    "the hook of firewall (id 1) can be used now; a session that starts "
			    "again takes tap hook, which can record reasons");
	/* where the capture is, is no news */
	assert_string_equal(better(&tap_hook), "");
	refuse(&exits, 0, "");
	add("other");
	assert_string_equal(better(&tap_exit),
			    "the hook of firewall (id 1) can be used now; a session that starts "
			    "again takes taps hook and exit, which can record reasons");
	assert_string_equal(better(&tap_combined), "");
	assert_string_equal(better(&tap_exception), "");
}

static void test_exits_are_better_later(void **state)
{
	(void)state;
	add("firewall")->root = true;
	add_hook();
	assert_string_equal(better(&tap_hook), "");
	add("other");
	assert_string_equal(better(&tap_hook),
			    "tap exit can be used now; a session that starts again takes taps hook "
			    "and exit, which can record all drops");
	/* what a user has chosen does not become better */
	opts.hook_pin = "/sys/fs/bpf/hook";
	assert_string_equal(better(&tap_hook), "");
	opts.hook_pin = NULL;
	refuse(&hook, -ENOENT, "no hook");
	context.pipeline.hook_count = 0;
	opts.program = "firewall";
	assert_string_equal(better(&tap_tag),
			    "tap exit can be used now; a session that starts again takes tap exit, "
			    "which can record all drops");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_the_first_that_works, begin),
		cmocka_unit_test_setup(test_all_refuse, begin),
		cmocka_unit_test_setup(test_nothing_is_attached, begin),
		cmocka_unit_test_setup(test_reasons_are_lost, begin),
		cmocka_unit_test_setup(test_answers, begin),
		cmocka_unit_test_setup(test_a_tap_that_is_asked_for, begin),
		cmocka_unit_test_setup(test_exits_beside_hooks, begin),
		cmocka_unit_test_setup(test_a_program_that_is_asked_for, begin),
		cmocka_unit_test_setup(test_a_pin_is_a_hook, begin),
		cmocka_unit_test_setup(test_reasons_need_a_tap_that_sees_them, begin),
		cmocka_unit_test_setup(test_exceptions, begin),
		cmocka_unit_test_setup(test_other_verdicts_are_mentioned, begin),
		cmocka_unit_test_setup(test_a_hook_is_better_later, begin),
		cmocka_unit_test_setup(test_exits_are_better_later, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
