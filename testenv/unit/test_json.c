// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON, byte for byte: the grammar, and strings that come from anywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/json.h"

static char *text;
static size_t size;
static struct json json;

static int setup(void **state)
{
	(void)state;
	json = (struct json){ .stream = open_memstream(&text, &size) };
	return json.stream ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fclose(json.stream);
	free(text);
	return 0;
}

static void assert_text(const char *expected)
{
	fflush(json.stream);
	assert_string_equal(text, expected);
}

static void test_nested(void **state)
{
	(void)state;
	json_open_object(&json, NULL);
	json_u64(&json, "most", ~0ULL);
	json_open_list(&json, "empty");
	json_close_list(&json);
	json_open_list(&json, "points");
	json_open_object(&json, NULL);
	json_bool(&json, "gone", false);
	json_close_object(&json);
	json_open_object(&json, NULL);
	json_bool(&json, "gone", true);
	json_string(&json, "hook", NULL);
	json_close_object(&json);
	json_close_list(&json);
	json_thousandths(&json, "time", 1763894034007);
	json_thousandths(&json, "elapsed", 40);
	json_close_object(&json);
	assert_text("{\"most\":18446744073709551615,\"empty\":[],"
		    "\"points\":[{\"gone\":false},{\"gone\":true,\"hook\":null}],"
		    "\"time\":1763894034.007,\"elapsed\":0.040}");
}

static void test_strings(void **state)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{ "", "\"\"" },
		{ "plain text", "\"plain text\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\x01\t\n\r\x1f\x7f", "\"\\u0001\\u0009\\u000a\\u000d\\u001f\\u007f\"" },
		{ "\033[31mred", "\"\\u001b[31mred\"" },
		{ "\xc2\x9b[red \xc2\xa0", "\"\\u009b[red \xc2\xa0\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "\xe2\x82\xac \xf0\x9f\x98\x80", "\"\xe2\x82\xac \xf0\x9f\x98\x80\"" },
		/* not UTF-8: alone, cut, overlong, surrogate, beyond the end */
		{ "\xff\x80x", "\"\\ufffd\\ufffdx\"" },
		{ "\xc3", "\"\\ufffd\"" },
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"" },
		{ "\xc3\"", "\"\\ufffd\\\"\"" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"" },
		{ "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf0\x9f\x98", "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_string(&json, NULL, cases[i].value);
		assert_text(cases[i].expected);
		teardown(state);
		setup(state);
	}
}

static void test_key(void **state)
{
	(void)state;
	json_string(&json, "a\"b", "c");
	json_u64(&json, NULL, 0);
	assert_text("\"a\\\"b\":\"c\",0");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_nested), TEST(test_strings), TEST(test_key) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
