// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of reasons: the table, the text file, and the enum in a hook's BTF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/btf.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/reason.h"
#include "tap/hook_reasons.h"

struct said {
	char text[256];
};

static void remember(void *data, enum xdpdrop_log_level level, const char *message)
{
	struct said *said = data;

	(void)level;
	snprintf(said->text, sizeof(said->text), "%s", message);
}

/* What the last read_text() read of rules. */
static struct reasons rules;

/* Reads @text as a file of reasons; what is said goes to @said with the file's name cut off. */
static int read_text(struct reasons *reasons, const char *text, size_t size, struct said *said)
{
	char path[] = "/tmp/xdpdrop-reasons-XXXXXX";
	struct log log = { .fn = remember, .data = said, .level = XDPDROP_LOG_ERROR };
	int fd = mkstemp(path), err;
	char *colon;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
	memset(said, 0, sizeof(*said));
	err = reasons_read_file(reasons, &rules, path, &log);
	unlink(path);
	colon = strchr(said->text, ':');
	if (colon)
		memmove(said->text, colon + 1, strlen(colon));
	return err;
}

static void names_are_found_whatever_their_order(void **state)
{
	struct reasons reasons = { 0 };

	(void)state;
	assert_int_equal(reasons_add(&reasons, 7, "seven"), 0);
	assert_int_equal(reasons_add(&reasons, 0xffffffff, "last"), 0);
	assert_int_equal(reasons_add(&reasons, 1, "one"), 0);
	assert_int_equal(reasons_add(&reasons, 7, "SEVEN"), 0);
	assert_int_equal(reasons.count, 3);
	assert_string_equal(reasons_name(&reasons, 1), "one");
	assert_string_equal(reasons_name(&reasons, 7), "SEVEN");
	assert_string_equal(reasons_name(&reasons, 0xffffffff), "last");
	assert_null(reasons_name(&reasons, 2));
	reasons_free(&reasons);
	assert_null(reasons_name(&reasons, 1));
}

static void names_that_were_appended_replace_those_before(void **state)
{
	struct reasons reasons = { 0 };

	(void)state;
	assert_int_equal(reasons_add(&reasons, 2, "two"), 0);
	for (__u64 number = 9; number; number--)
		assert_int_equal(reasons_append(&reasons, number, "early"), 0);
	assert_int_equal(reasons_append(&reasons, 2, "TWO"), 0);
	reasons_settle(&reasons);
	assert_int_equal(reasons.count, 9);
	assert_string_equal(reasons_name(&reasons, 1), "early");
	assert_string_equal(reasons_name(&reasons, 2), "TWO");
	assert_int_equal(reasons_append(&reasons, 9, "late"), 0);
	reasons_settle(&reasons);
	assert_int_equal(reasons.count, 9);
	assert_string_equal(reasons_name(&reasons, 9), "late");
	reasons_free(&reasons);
	reasons_settle(&reasons);
	assert_int_equal(reasons.count, 0);
}

static void names_cannot_drive_a_terminal(void **state)
{
	struct reasons reasons = { 0 };

	(void)state;
	assert_int_equal(reasons_add(&reasons, 1, "a\033[2Jb\n\xff"), 0);
	assert_string_equal(reasons_name(&reasons, 1), "a?[2Jb??");
	reasons_free(&reasons);
}

static void a_file_has_numbers_names_and_comments(void **state)
{
	static const char text[] = "# mine\n\n1 ONE\n\t0x10\tsixteen and more \r\n4294967295 last";
	struct reasons reasons = { 0 };
	struct said said;

	(void)state;
	assert_int_equal(read_text(&reasons, text, sizeof(text) - 1, &said), 0);
	assert_int_equal(reasons.count, 3);
	assert_string_equal(reasons_name(&reasons, 1), "ONE");
	assert_string_equal(reasons_name(&reasons, 16), "sixteen and more");
	assert_string_equal(reasons_name(&reasons, 0xffffffff), "last");
	reasons_free(&reasons);
}

static void rules_have_a_section_of_their_own(void **state)
{
	static const char text[] = "1 ONE\n[rules]\n# by number\n1 first\n"
				   "18446744073709551615 last\n";
	struct reasons reasons = { 0 };
	struct said said;

	(void)state;
	assert_int_equal(read_text(&reasons, text, sizeof(text) - 1, &said), 0);
	assert_int_equal(reasons.count, 1);
	assert_string_equal(reasons_name(&reasons, 1), "ONE");
	assert_int_equal(rules.count, 2);
	assert_string_equal(reasons_name(&rules, 1), "first");
	assert_string_equal(reasons_name(&rules, UINT64_MAX), "last");
	reasons_free(&reasons);
	reasons_free(&rules);
}

static void a_file_may_be_in_any_order(void **state)
{
	static const char text[] = "9 nine\n7 seven\n8 eight\n7 SEVEN\n1 one\n";
	struct reasons reasons = { 0 };
	struct said said;

	(void)state;
	assert_int_equal(read_text(&reasons, text, sizeof(text) - 1, &said), 0);
	assert_int_equal(reasons.count, 4);
	assert_string_equal(reasons_name(&reasons, 1), "one");
	assert_string_equal(reasons_name(&reasons, 7), "SEVEN");
	assert_string_equal(reasons_name(&reasons, 8), "eight");
	assert_string_equal(reasons_name(&reasons, 9), "nine");
	reasons_free(&reasons);
}

/* A name of several words, and one that is the whole of the second column, stay names. */
static void a_line_may_have_an_sflow_code(void **state)
{
	static const char text[] = "1 ONE\t sflow=258 \r\n2 two words sflow=0x40\n3 rate limit 5\n"
				   "4 sflow=7\n5 last sflow=1073741823\n[rules]\n9 nine sflow=0\n";
	static const __u32 codes[] = { 258, 64, 0, 0, 1073741823 };
	static const char *const names[] = { "ONE", "two words", "rate limit 5", "sflow=7",
					     "last" };
	struct reasons reasons = { 0 };
	struct said said;
	__u32 code;

	(void)state;
	assert_int_equal(read_text(&reasons, text, sizeof(text) - 1, &said), 0);
	assert_int_equal(reasons.count, 5);
	for (__u32 i = 0; i < 5; i++) {
		assert_string_equal(reasons_name(&reasons, i + 1), names[i]);
		assert_int_equal(reasons_code(&reasons, i + 1, &code), codes[i] != 0);
		assert_int_equal(codes[i] ? code : 0, codes[i]);
	}
	assert_true(reasons_code(&rules, 9, &code));
	assert_int_equal(code, 0);
	assert_false(reasons_code(&reasons, 6, &code));
	reasons_free(&reasons);
	reasons_free(&rules);
}

static void a_wrong_line_is_named(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "1 ONE\ntwo TWO\n",
		  "2: it does not begin with a number (each line is NUMBER NAME)" },
		{ "-1 MINUS\n", "1: it does not begin with a number (each line is NUMBER NAME)" },
		{ "4294967296 BIG\n",
		  "1: the number is above 4294967295 (each line is NUMBER NAME)" },
		{ "99999999999999999999 HUGE\n",
		  "1: the number is above 4294967295 (each line is NUMBER NAME)" },
		{ "[rules]\n99999999999999999999 HUGE\n",
		  "2: the number is above 18446744073709551615 (each line is NUMBER NAME)" },
		{ "\n5\n", "2: the number is not followed by a blank and a name (each line is "
			   "NUMBER NAME)" },
		{ "7 SEVEN sflow=\n",
		  "1: sflow= is not followed by a number up to 1073741823 (each "
		  "line is NUMBER NAME)" },
		{ "7 SEVEN sflow=xdp\n", "1: sflow= is not followed by a number up to 1073741823 "
					 "(each line is NUMBER NAME)" },
		{ "7 SEVEN sflow=1073741824\n", "1: sflow= is not followed by a number up to "
						"1073741823 (each line is NUMBER NAME)" },
		{ "7 SEVEN sflow=-1\n", "1: sflow= is not followed by a number up to 1073741823 "
					"(each line is NUMBER NAME)" },
		{ "5x\n", "1: the number is not followed by a blank and a name (each line is "
			  "NUMBER NAME)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reasons reasons = { 0 };
		struct said said;

		assert_int_equal(read_text(&reasons, cases[i].text, strlen(cases[i].text), &said),
				 -EINVAL);
		assert_string_equal(said.text, cases[i].said);
		reasons_free(&reasons);
	}
}

static void numbers_may_be_reasons_up_to_32_bits(void **state)
{
	struct reasons reasons = { 0 };

	(void)state;
	assert_true(reasons_may_be(&reasons, "4294967295"));
	assert_true(reasons_may_be(&reasons, "0xffffffff"));
	assert_true(reasons_may_be(&reasons, "of_a_program_to_come"));
	assert_false(reasons_may_be(&reasons, "4294967296"));
	assert_false(reasons_may_be(&reasons, "0x100000000"));
	assert_false(reasons_may_be(&reasons, "99999999999999999999"));
	assert_false(reasons_may_be(&reasons, "5 "));
	assert_false(reasons_may_be(&reasons, "-1"));
	assert_false(reasons_may_be(&reasons, ""));
	assert_int_equal(reasons_add(&reasons, 1, "4294967296"), 0);
	assert_true(reasons_may_be(&reasons, "4294967296"));
	reasons_free(&reasons);
}

static void a_missing_file_is_an_error(void **state)
{
	struct reasons reasons = { 0 };

	(void)state;
	assert_int_equal(reasons_read_file(&reasons, &rules, "/nonexistent/reasons", NULL),
			 -EINVAL);
	assert_int_equal(reasons.count, 0);
}

/* BTF of a hook's value: struct { @type @member; }. */
static struct btf *hook_btf(const char *member, bool with_enum, int *value)
{
	struct btf *btf = btf__new_empty();
	int type;

	assert_non_null(btf);
	type = btf__add_int(btf, "unsigned int", 4, 0);
	if (with_enum) {
		type = btf__add_enum(btf, "fw_reason", 4);
		btf__add_enum_value(btf, "FW_PASS", 0);
		btf__add_enum_value(btf, "FW_BLOCKLIST", 3);
	}
	type = btf__add_typedef(btf, "reason_t", type);
	*value = btf__add_struct(btf, NULL, 4);
	btf__add_field(btf, member, type, 0, 0);
	return btf;
}

static void a_hook_names_its_reasons_in_btf(void **state)
{
	struct reasons reasons = { 0 };
	int value;
	struct btf *btf = hook_btf("xdpdrop_reason", true, &value);

	(void)state;
	assert_int_equal(hook_reasons_read(&reasons, btf, value), 0);
	assert_int_equal(reasons.count, 2);
	assert_string_equal(reasons_name(&reasons, 3), "FW_BLOCKLIST");
	reasons_free(&reasons);
	btf__free(btf);
}

static void a_hook_without_enum_has_no_names(void **state)
{
	struct reasons reasons = { 0 };
	int value;
	struct btf *btf = hook_btf("xdpdrop_reason", false, &value);

	(void)state;
	assert_int_equal(hook_reasons_read(&reasons, btf, value), 0);
	assert_int_equal(reasons.count, 0);
	btf__free(btf);
}

static void another_table_is_no_hook(void **state)
{
	struct reasons reasons = { 0 };
	int value;
	struct btf *btf = hook_btf("program", true, &value);

	(void)state;
	assert_int_equal(hook_reasons_read(&reasons, btf, value), -ENOENT);
	assert_int_equal(hook_reasons_read(&reasons, btf, 1), -ENOENT);
	assert_int_equal(hook_reasons_read(&reasons, btf, 4711), -ENOENT);
	assert_int_equal(reasons.count, 0);
	btf__free(btf);
}

/* A leading zero makes no octal number; blanks around commas are no part of a name. */
static void a_list_has_names_and_numbers(void **state)
{
	struct reasons reasons = { 0 };
	const struct log log = { 0 };
	__u32 numbers[4];

	(void)state;
	assert_int_equal(reasons_add(&reasons, 7, "SEVEN"), 0);
	assert_int_equal(reasons_numbers(&reasons, "010, SEVEN,0x1f,EIGHT", numbers, 4, "it", &log),
			 3);
	assert_int_equal(numbers[0], 10);
	assert_int_equal(numbers[1], 7);
	assert_int_equal(numbers[2], 31);
	assert_int_equal(reasons_numbers(&reasons, "1,2,3,4,5", numbers, 4, "it", &log), 4);
	reasons_free(&reasons);
}

static void later_names_win_in_a_merge(void **state)
{
	struct reasons reasons = { 0 }, others = { 0 };

	(void)state;
	assert_int_equal(reasons_add(&reasons, 1, "one"), 0);
	assert_int_equal(reasons_add(&others, 1, "EINS"), 0);
	assert_int_equal(reasons_add(&others, 2, "ZWEI"), 0);
	reasons_merge(&reasons, &others);
	reasons_free(&others);
	assert_int_equal(reasons.count, 2);
	assert_string_equal(reasons_name(&reasons, 1), "EINS");
	assert_string_equal(reasons_name(&reasons, 2), "ZWEI");
	reasons_free(&reasons);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_whatever_their_order),
		cmocka_unit_test(names_that_were_appended_replace_those_before),
		cmocka_unit_test(names_cannot_drive_a_terminal),
		cmocka_unit_test(a_file_has_numbers_names_and_comments),
		cmocka_unit_test(rules_have_a_section_of_their_own),
		cmocka_unit_test(a_file_may_be_in_any_order),
		cmocka_unit_test(a_line_may_have_an_sflow_code),
		cmocka_unit_test(a_wrong_line_is_named),
		cmocka_unit_test(numbers_may_be_reasons_up_to_32_bits),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(a_hook_names_its_reasons_in_btf),
		cmocka_unit_test(a_hook_without_enum_has_no_names),
		cmocka_unit_test(another_table_is_no_hook),
		cmocka_unit_test(a_list_has_names_and_numbers),
		cmocka_unit_test(later_names_win_in_a_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
