/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of exceptions in words, which are the comments of their records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/exception.h"

static void says(const struct xdpdrop_exception *exception, size_t size, const char *expected)
{
	struct {
		struct xdpdrop_record record;
		struct xdpdrop_exception exception;
	} all = { .record = { .flags = XDPDROP_F_EXCEPTION }, .exception = *exception };
	char text[256];

	memset(text, 'x', sizeof(text));
	exception_describe(&all.record, text, size);
	assert_string_equal(text, expected);
	assert_true(text[size] == 'x');
}

static void tracepoints(void **state)
{
	(void)state;
	says(&(struct xdpdrop_exception){ .tracepoint = XDPDROP_XDP_EXCEPTION,
					  .program_id = 12,
					  .frames = 1 },
	     200, "xdp_exception: program id 12, action aborted");
	says(&(struct xdpdrop_exception){ .tracepoint = XDPDROP_XDP_EXCEPTION,
					  .program_id = 4294967295,
					  .frames = 1,
					  .action = 42 },
	     200, "xdp_exception: program id 4294967295, invalid action 42");
	says(&(struct xdpdrop_exception){ .tracepoint = XDPDROP_REDIRECT_ERR,
					  .program_id = 3,
					  .error = -95,
					  .frames = 1,
					  .action = 4 },
	     200,
	     "xdp_redirect_err: program id 3, action redirect, "
	     "error 95 (Operation not supported)");
	says(
		&(struct xdpdrop_exception){
			.tracepoint = XDPDROP_BULK_TX, .error = -6, .frames = 16, .action = 3 },
		200, "xdp_bulk_tx: action tx, error 6 (No such device or address), 16 frames");
	says(&(struct xdpdrop_exception){ .tracepoint = XDPDROP_DEVMAP_XMIT,
					  .frames = 2,
					  .to_ifindex = 7,
					  .action = 4 },
	     200, "xdp_devmap_xmit: action redirect, to interface index 7, 2 frames");
}

static void unknown_numbers(void **state)
{
	(void)state;
	says(&(struct xdpdrop_exception){ .tracepoint = 5, .error = -99999, .frames = 0 }, 200,
	     "unknown: action aborted, error 99999 (unknown), 0 frames");
	assert_null(exception_tracepoint(0));
	assert_null(exception_tracepoint(~0U));
}

static void little_room(void **state)
{
	const struct xdpdrop_exception exception = { .tracepoint = XDPDROP_BULK_TX, .frames = 9 };

	(void)state;
	says(&exception, 1, "");
	says(&exception, 5, "xdp_");
	says(&exception, 16, "xdp_bulk_tx: ac");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(unknown_numbers),
		cmocka_unit_test(little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
