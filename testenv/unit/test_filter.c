/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of what is said about expressions that do not compile, and of the dump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "between.h"
#include "filter/filter.h"

static char said[4096];

static void listen(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)data;
	assert_int_equal(level, XDPDROP_LOG_ERROR);
	snprintf(said, sizeof(said), "%s", message);
}

static const struct log log = { .fn = listen };

static void assert_said(const char *expression, const char *words)
{
	struct filter filter = { .count = 77 };

	said[0] = '\0';
	assert_int_equal(filter_compile(&filter, expression, true, 1, CBPF_LOADS_FRAGS, &log),
			 -EINVAL);
	assert_int_equal(filter.count, 77);
	if (!strstr(said, words))
		fail_msg("'%s' is not in '%s'", words, said);
}

#define TERMS "port 1 or port 2 or port 3 or port 4 or port 5 or port 6 or port 7 or "
#define MANY_TERMS TERMS TERMS TERMS TERMS TERMS TERMS TERMS TERMS TERMS TERMS

static void says_it_in_a_line_if_the_filter_is_long(void **state)
{
	static const char *const filters[] = {
		MANY_TERMS MANY_TERMS "and udp",
		MANY_TERMS "and " MANY_TERMS "udp",
		MANY_TERMS "host 1.2.3.4.5 or " MANY_TERMS "udp",
		MANY_TERMS "(udp",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		assert_said(filters[i], "...");
		assert_between(strlen(said), 1, 240);
	}
	assert_said(filters[0], "filter 'port 1 or port 2 or ");
}

static void says_what_libpcap_says(void **state)
{
	(void)state;
	assert_said("tcp and prot 53", "filter 'tcp and prot 53': ");
	assert_said("tcp and", "syntax error");
	assert_said("ip[0:3] = 1", "data size must be 1, 2, or 4");
	assert_said("not src net 10 or dst nt 10", "unknown host 'nt'");
	assert_said("vlan 4096", "4096");
	assert_said("host 1.2.3.4.5", "1.2.3.4.5");
	assert_said("ip broadcast", "netmask");
}

static void refuses_ancillary_data(void **state)
{
	struct filter filter;

	(void)state;
	assert_int_equal(filter_compile(&filter, "ether[0xfffff000] = 1", true, 1, CBPF_LOADS_FRAGS,
					&log),
			 -EINVAL);
	assert_non_null(strstr(said, "negative offset"));
	assert_non_null(
		strstr(said, "XDP provides no direction, interface or other metadata of a frame"));
}

static void an_empty_expression_matches_all(void **state)
{
	struct filter filter;

	(void)state;
	assert_int_equal(filter_compile(&filter, "", true, 1, CBPF_LOADS_FRAGS, &log), 0);
	assert_int_equal(filter.count, 1);
	assert_int_equal(filter.program[0].code, BPF_RET | BPF_K);
	assert_true(filter.program[0].k);
	filter_free(&filter);
}

static void write_line(void *file, const char *line)
{
	fprintf(file, "%s\n", line);
}

static void dumps_the_classic_program(void **state)
{
	struct filter filter;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(filter_compile(&filter, "arp", true, 1, CBPF_LOADS_FRAGS, &log), 0);
	filter_dump(&filter, write_line, file);
	fclose(file);
	assert_string_equal(text, "(000) ldh      [12]\n"
				  "(001) jeq      #0x806           jt 2\tjf 3\n"
				  "(002) ret      #262144\n"
				  "(003) ret      #0\n");
	free(text);
	filter_free(&filter);
}

static void says_that_the_kernel_finds_it_too_big(void **state)
{
	const struct filter filter = { .count = 12345 };

	(void)state;
	said[0] = '\0';
	assert_int_equal(filter_refused(&filter, -EPERM, &log), -EPERM);
	assert_string_equal(said, "");
	assert_int_equal(filter_refused(&filter, -E2BIG, &log), -E2BIG);
	assert_non_null(strstr(said, "12345"));
	assert_non_null(strstr(said, "1,000,000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_it_in_a_line_if_the_filter_is_long),
		cmocka_unit_test(says_what_libpcap_says),
		cmocka_unit_test(refuses_ancillary_data),
		cmocka_unit_test(an_empty_expression_matches_all),
		cmocka_unit_test(dumps_the_classic_program),
		cmocka_unit_test(says_that_the_kernel_finds_it_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
