// SPDX-License-Identifier: GPL-2.0-only
/*
 * JSON objects that anybody may have written: what is one, and which members are found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/json_object.h"

static char value[8];

/* The value of "a", "-" if it is not found, NULL: @text is no object. */
static const char *read_a(const char *text)
{
	struct json_member member = { .name = "a", .value = value, .size = sizeof(value) };

	if (!json_object_read(text, &member, 1))
		return NULL;
	return member.found ? value : "-";
}

static void test_objects(void **state)
{
	static const char *const good[][2] = {
		{ "{}", "-" },
		{ " \t{ } \r\n", "-" },
		{ "{\"a\":\"x\"}", "x" },
		{ "{\"b\":[{},[],null,true,false,-0.5e-7,\"\"], \"a\" : \"y\" }", "y" },
		{ "{\"b\":{\"a\":\"x\"}}", "-" },
		{ "{\"a\":\"x\",\"a\":\"y\"}", "y" },
		{ "{\"a\":\"x\",\"a\":null}", "-" },
		{ "{\"a\":-12.5E3}", "-12.5E3" },
		{ "{\"a\":0 }", "0" },
		{ "{\"a\":true}", "-" },
		{ "{\"a\":{\"a\":1}}", "-" },
		{ "{\"\\u0061\":\"x\"}", "x" },
		{ "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\t\"}", "\"\\/\b\f\n\t" },
		{ "{\"a\":\"\\u00e4\\u20AC\"}", "\xc3\xa4\xe2\x82\xac" },
		{ "{\"a\":\"\\ud83d\\ude00\"}", "\xf0\x9f\x98\x80" },
		{ "{\"a\":\"1234567\"}", "1234567" },
		{ "{\"a\":\"12345678\"}", "1234567" },
		{ "{\"a\":\"123456\xc3\xa4"
		  "7\"}",
		  "123456" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_string_equal(read_a(good[i][0]), good[i][1]);
}

static void test_no_objects(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"x",
		"[]",
		"\"a\"",
		"1",
		"null",
		"{",
		"}",
		"{}}",
		"{} {}",
		"{},",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{,}",
		"{\"a\":1 \"b\":2}",
		"{a:1}",
		"{'a':1}",
		"{1:1}",
		"{\"a\":01}",
		"{\"a\":+1}",
		"{\"a\":.5}",
		"{\"a\":1.}",
		"{\"a\":1e}",
		"{\"a\":-}",
		"{\"a\":0x1}",
		"{\"a\":NaN}",
		"{\"a\":nul}",
		"{\"a\":True}",
		"{\"a\":[1,]}",
		"{\"a\":[1}",
		"{\"a\":[,1]}",
		"{\"a\":\"x}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12\"}",
		"{\"a\":\"\\u12g4\"}",
		"{\"a\":\"\\",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\"}",
		"{\"a\":\"\\ud800\\u0041\"}",
		"{\"a\":\"\n\"}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc3\"}",
		"{\"a\":1} x",
		"{\"a\":1}/*x*/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (read_a(bad[i]))
			fail_msg("taken for an object: %s", bad[i]);
}

static void test_depth(void **state)
{
	char text[256] = "{\"b\":";

	(void)state;
	memset(text + 5, '[', 31);
	memset(text + 36, ']', 31);
	text[67] = '}';
	assert_string_equal(read_a(text), "-");
	memset(text + 5, '[', 32);
	memset(text + 37, ']', 32);
	text[69] = '}';
	assert_null(read_a(text));
	memset(text + 5, '[', 250);
	assert_null(read_a(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_no_objects),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
