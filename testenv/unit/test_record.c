/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of the check of ring bytes: each rule broken alone, at its edge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record/ring.h"

static const struct xdpdrop_record valid = {
	.timestamp = 1,
	.len = 64,
	.caplen = 64,
	.action = 1,
	.version = XDPDROP_RECORD_VERSION,
};

/* Check @record in memory of exactly @size bytes, so that a byte too far is seen. */
static int check(const struct xdpdrop_record *record, size_t size)
{
	char *bytes = calloc(1, size + !size);
	int err;

	memcpy(bytes, record, size < sizeof(*record) ? size : sizeof(*record));
	err = record_check(bytes, size);
	free(bytes);
	return err;
}

static void valid_records(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	assert_int_equal(check(&record, sizeof(record) + 64), 0);
	assert_int_equal(check(&record, sizeof(record) + 128),
			 0); /* a size class with room to spare */
	record.caplen = 0;
	assert_int_equal(check(&record, sizeof(record)), 0);
	record.len = ~0U;
	record.caplen = XDPDROP_MAX_CAPLEN;
	assert_int_equal(check(&record, sizeof(record) + XDPDROP_MAX_CAPLEN), 0);
	record.flags = XDPDROP_F_TRUNCATED | XDPDROP_F_FAULT | XDPDROP_F_INVALID_ACTION;
	record.action = 4;
	record.lost = XDPDROP_MAX_LOST;
	assert_int_equal(check(&record, sizeof(record) + XDPDROP_MAX_CAPLEN), 0);
}

static void too_short(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	assert_int_equal(check(&record, sizeof(record) + 63), -EPROTO);
	record.caplen = 0;
	for (size_t size = 0; size < sizeof(record); size++)
		assert_int_equal(check(&record, size), -EPROTO);
}

static void captured_length(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	record.caplen = 65;
	assert_int_equal(check(&record, sizeof(record) + 128), -EPROTO);
	record.len = ~0U;
	record.caplen = XDPDROP_MAX_CAPLEN;
	assert_int_equal(check(&record, sizeof(record) + 64), -EPROTO);
	assert_int_equal(check(&record, sizeof(record) - 1), -EPROTO);
	assert_int_equal(check(&record, sizeof(record) + XDPDROP_MAX_CAPLEN - 1), -EPROTO);
}

static void version(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	for (int number = 0; number < 256; number++) {
		record.version = number;
		assert_int_equal(check(&record, sizeof(record) + 64),
				 number == XDPDROP_RECORD_VERSION ? 0 : -EPROTO);
	}
}

static void action(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	for (int number = 0; number < 256; number++) {
		record.action = number;
		assert_int_equal(check(&record, sizeof(record) + 64), number <= 4 ? 0 : -EPROTO);
	}
}

static void exceptions(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	record.flags = XDPDROP_F_EXCEPTION;
	assert_int_equal(check(&record, sizeof(record) + 64), -EPROTO);
	record.caplen = 0;
	assert_int_equal(check(&record, sizeof(record) + 64), -EPROTO);
	record.len = 0;
	assert_int_equal(check(&record, sizeof(record) + 64), 0);
	assert_int_equal(check(&record, sizeof(record) + 24), 0);
	assert_int_equal(check(&record, sizeof(record) + 23), -EPROTO);
}

static void unknown_flags(void **state)
{
	struct xdpdrop_record record = valid;

	(void)state;
	for (int bit = 0; bit < 8; bit++) {
		record.flags = 1 << bit;
		assert_int_equal(check(&record, sizeof(record) + 64), bit < 3 ? 0 : -EPROTO);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_records),   cmocka_unit_test(too_short),
		cmocka_unit_test(captured_length), cmocka_unit_test(version),
		cmocka_unit_test(action),	   cmocka_unit_test(unknown_flags),
		cmocka_unit_test(exceptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
