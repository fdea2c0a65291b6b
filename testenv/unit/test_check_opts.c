// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges and conflicts of a capture's options, and callers of other versions of the structures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/session.h"
#include "api/sized.h"
#include "interface.h"

#define AT(field) offsetof(struct xdpdrop_opts, field)

static struct xdpdrop_opts_error error;

static int check(struct xdpdrop_opts opts)
{
	opts.size = sizeof(opts);
	error = (struct xdpdrop_opts_error){ .size = sizeof(error) };
	return xdpdrop_check_opts(&opts, NULL, &error);
}

static void assert_wrong(struct xdpdrop_opts opts, size_t field, size_t other, const char *text)
{
	assert_int_equal(check(opts), -EINVAL);
	assert_int_equal(error.size, sizeof(error));
	assert_int_equal(error.field, field);
	assert_int_equal(error.other, other);
	assert_string_equal(error.text, text);
}

static void ranges_include_their_ends(void **state)
{
	static const struct {
		size_t field;
		__u32 min, max;
	} ranges[] = {
		{ AT(snaplen), 1, 65535 },	  { AT(buffer_kib), 256, 1048576 },
		{ AT(sample), 1, 65535 },	  { AT(rate), 1, 10000000 },
		{ AT(reason_rate), 1, 10000000 }, { AT(max_overhead), 1, 100000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		struct xdpdrop_opts opts = { 0 };
		__u32 *value = (__u32 *)((char *)&opts + ranges[i].field);

		*value = ranges[i].min;
		assert_int_equal(check(opts), 0);
		*value = ranges[i].max;
		assert_int_equal(check(opts), 0);
		*value = ranges[i].max + 1;
		assert_int_equal(check(opts), -EINVAL);
		assert_int_equal(error.field, ranges[i].field);
		*value = ranges[i].min - 1;
		assert_int_equal(check(opts), *value ? -EINVAL : 0);
	}
	assert_wrong((struct xdpdrop_opts){ .sample = 65536 }, AT(sample), 0,
		     "65536 is not between 1 and 65535");
	assert_wrong((struct xdpdrop_opts){ .max_overhead = 100001 }, AT(max_overhead), 0,
		     "100.001 is not between 0.001 and 100 percent");
}

static void values_are_known(void **state)
{
	(void)state;
	assert_wrong((struct xdpdrop_opts){ .tap = "none" }, AT(tap), 0,
		     "there is no tap 'none', only auto, hook, tag, exit, wrap");
	assert_int_equal(check((struct xdpdrop_opts){ .actions = XDPDROP_EXCEPTIONS | 0x1f }), 0);
	assert_wrong((struct xdpdrop_opts){ .actions = 0x20 }, AT(actions), 0,
		     "0x20 has bits beyond XDP_REDIRECT");
	assert_wrong((struct xdpdrop_opts){ .only_reasons = "a,,b" }, AT(only_reasons), 0,
		     "an empty name in the list 'a,,b'");
	assert_wrong((struct xdpdrop_opts){ .not_reasons = "a," }, AT(not_reasons), 0,
		     "an empty name in the list 'a,'");
	assert_wrong((struct xdpdrop_opts){ .not_reasons = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,"
							   "17" },
		     AT(not_reasons), 0, "17 reasons in the list; there is room for 16");
}

static void what_does_not_go_together(void **state)
{
	(void)state;
	assert_wrong((struct xdpdrop_opts){ .hook_pin = "/h", .tap = "wrap" }, AT(hook_pin),
		     AT(tap), "only tap hook captures from a pinned hook");
	assert_wrong((struct xdpdrop_opts){ .untagged = true, .tap = "hook" }, AT(untagged),
		     AT(tap), "only tap tag captures frames without a tag");
	assert_wrong((struct xdpdrop_opts){ .untagged = true, .hook_pin = "/h" }, AT(hook_pin),
		     AT(untagged), "");
	assert_wrong((struct xdpdrop_opts){ .program = "fw", .hook_pin = "/h" }, AT(hook_pin),
		     AT(program), "");
	assert_wrong((struct xdpdrop_opts){ .only_reasons = "1", .not_reasons = "2" },
		     AT(only_reasons), AT(not_reasons), "");
	assert_int_equal(check((struct xdpdrop_opts){ .hook_pin = "/h", .tap = "auto" }), 0);
	assert_int_equal(check((struct xdpdrop_opts){ .hook_pin = "/h", .tap = "hook" }), 0);
	assert_int_equal(check((struct xdpdrop_opts){ .untagged = true, .tap = "tag" }), 0);
}

static void what_only_counts_captures_nothing(void **state)
{
	static const size_t of_frames[] = { AT(snaplen), AT(buffer_kib),  AT(sample),
					    AT(rate),	 AT(reason_rate), AT(max_overhead) };
	const struct xdpdrop_opts counting = { .size = sizeof(counting), .count_only = true };
	const struct xdpdrop_output output = { .size = sizeof(output) };

	(void)state;
	assert_int_equal(check((struct xdpdrop_opts){ .count_only = true, .filter = "udp" }), 0);
	for (size_t i = 0; i < sizeof(of_frames) / sizeof(of_frames[0]); i++) {
		struct xdpdrop_opts opts = { .count_only = true };

		*(__u32 *)((char *)&opts + of_frames[i]) = 1000;
		assert_wrong(opts, of_frames[i], AT(count_only), "no frames are captured");
	}
	error = (struct xdpdrop_opts_error){ .size = sizeof(error) };
	assert_int_equal(xdpdrop_check_opts(&counting, &output, &error), -EINVAL);
	assert_int_equal(error.field, AT(count_only));
}

static void pcap_has_no_exceptions(void **state)
{
	const struct xdpdrop_opts opts = { .size = sizeof(opts), .actions = XDPDROP_EXCEPTIONS };
	struct xdpdrop_output output = { .size = sizeof(output) };

	(void)state;
	error.size = sizeof(error);
	assert_int_equal(xdpdrop_check_opts(&opts, &output, &error), 0);
	output.format = XDPDROP_PCAP;
	assert_int_equal(xdpdrop_check_opts(&opts, &output, &error), -EINVAL);
	assert_int_equal(error.field, AT(actions));
	assert_int_equal(xdpdrop_check_opts(&opts, &output, NULL), -EINVAL);
}

/* Whoever calls: exactly what its structure has is read and written. */
static void callers_of_other_versions(void **state)
{
	struct known {
		size_t size;
		__u32 a, b;
	} known;
	size_t *given = malloc(64);
	char *bytes = (char *)given;

	(void)state;
	for (size_t size = 0; size <= 64; size++) {
		given = realloc(given, size < sizeof(size) ? sizeof(size) : size);
		bytes = (char *)given;
		memset(given, 0, size);
		*given = size;
		if (size >= 12)
			bytes[11] = 7;
		assert_int_equal(sized_read(&known, sizeof(known), given),
				 size < sizeof(size) ? -EINVAL : 0);
		if (size < sizeof(size))
			continue;
		assert_int_equal(known.size, size);
		assert_int_equal(known.a, size >= 12 ? 0x7000000 : 0);
		assert_int_equal(known.b, 0);
		if (size > sizeof(known)) {
			bytes[size - 1] = 1;
			assert_int_equal(sized_read(&known, sizeof(known), given), -EINVAL);
		}
		known = (struct known){ .a = 0x01010101, .b = 0x01010101 };
		assert_int_equal(sized_write(given, &known, sizeof(known)), 0);
		assert_int_equal(*given, size);
		for (size_t i = sizeof(size); i < size; i++)
			assert_int_equal(bytes[i], i < sizeof(known));
	}
	free(given);
}

/* Structures of twice the size, and those of which only the size is left. */
static void all_functions_have_one_policy(void **state)
{
	union {
		size_t size;
		struct xdpdrop_opts opts;
		struct xdpdrop_output output;
		struct xdpdrop_stats stats;
		struct xdpdrop_load_opts load;
		char bytes[1024];
	} given;
	struct xdpdrop *session;

	(void)state;
	memset(&given, 0, sizeof(given)); /* GCC 15 and later initialize one member of a union */
	given.size = sizeof(given);
	assert_int_equal(xdpdrop_new(&session), 0);
	assert_int_equal(xdpdrop_check_opts(&given.opts, NULL, NULL), 0);
	assert_int_equal(xdpdrop_set_output(session, &given.output), 0);
	assert_int_equal(xdpdrop_load(session, "lo", &given.load), -EINVAL); /* no object */
	given.bytes[sizeof(given) - 1] = 1;
	assert_int_equal(xdpdrop_check_opts(&given.opts, NULL, NULL), -EINVAL);
	assert_int_equal(xdpdrop_set_output(session, &given.output), -EINVAL);
	assert_int_equal(xdpdrop_get_stats(session, &given.stats), 0);
	assert_int_equal(given.bytes[sizeof(given) - 1], 0);
	given.size = sizeof(given.size);
	assert_int_equal(xdpdrop_check_opts(&given.opts, NULL, NULL), 0);
	assert_int_equal(xdpdrop_set_output(session, &given.output), 0);
	assert_int_equal(xdpdrop_get_stats(session, &given.stats), 0);
	given.size = 4;
	assert_int_equal(xdpdrop_check_opts(&given.opts, NULL, NULL), -EINVAL);
	assert_int_equal(xdpdrop_set_output(session, &given.output), -EINVAL);
	assert_int_equal(xdpdrop_get_stats(session, &given.stats), -EINVAL);
	xdpdrop_free(session);
}

/* Parts of it have at least a byte. */
static void max_bytes_has_a_part(void **state)
{
	struct xdpdrop_files files = { .size = sizeof(files), .name = "x.pcapng", .max_bytes = 7 };
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = -1, .files = &files };
	struct xdpdrop *session;

	(void)state;
	assert_int_equal(xdpdrop_new(&session), 0);
	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	files.max_bytes = 8;
	assert_int_equal(xdpdrop_set_output(session, &output), 0);
	xdpdrop_free(session);
}

/* Its parts would act without the others. */
static void an_output_that_is_refused_leaves_no_files(void **state)
{
	static const char *const triggers[] = { "nonsense", NULL };
	const struct xdpdrop_history history = { .size = sizeof(history), .triggers = triggers };
	const struct xdpdrop_files files = { .size = sizeof(files),
					     .name = "x.pcapng",
					     .history = &history };
	const struct xdpdrop_output output = { .size = sizeof(output), .fd = -1, .files = &files };
	struct xdpdrop *session;

	(void)state;
	assert_int_equal(xdpdrop_new(&session), 0);
	assert_int_equal(xdpdrop_set_output(session, &output), -EINVAL);
	assert_null(xdpdrop_file_name(session));
	xdpdrop_free(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_include_their_ends),
		cmocka_unit_test(values_are_known),
		cmocka_unit_test(what_does_not_go_together),
		cmocka_unit_test(what_only_counts_captures_nothing),
		cmocka_unit_test(pcap_has_no_exceptions),
		cmocka_unit_test(callers_of_other_versions),
		cmocka_unit_test(max_bytes_has_a_part),
		cmocka_unit_test(an_output_that_is_refused_leaves_no_files),
		cmocka_unit_test(all_functions_have_one_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
