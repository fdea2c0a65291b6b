// SPDX-License-Identifier: GPL-2.0-only
/*
 * What libbpf and libxdp print goes to the session that is at work on the thread, and otherwise
 * where it went before there was a session.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "base/log.h"

/* Messages that the application's own functions have got. */
static int own_libbpf, own_libxdp;

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	own_libbpf++;
	return 0;
}

static int print_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	own_libxdp++;
	return 0;
}

/* The application sets them before it makes its first session. */
static int setup(void **state)
{
	(void)state;
	libbpf_set_print(print_libbpf);
	libxdp_set_print(print_libxdp);
	return 0;
}

static void count(void *data, enum xdpdrop_log_level level, const char *message)
{
	(void)level, (void)message;
	++*(int *)data;
}

static void let_libbpf_complain(void)
{
	bpf_object__close(bpf_object__open("/nonexistent"));
}

static void let_libxdp_complain(void)
{
	struct xdp_program_opts opts = { .sz = sizeof(opts), .open_filename = "/nonexistent" };

	xdp_program__close(xdp_program__create(&opts));
}

static void a_scope_takes_messages(void **state)
{
	int got = 0;
	const struct log log = { .fn = count, .data = &got, .level = XDPDROP_LOG_DEBUG };

	(void)state;
	own_libbpf = own_libxdp = 0;
	{
		LOG_SCOPE(&log);
		let_libbpf_complain();
		assert_int_not_equal(got, 0);
		let_libxdp_complain();
	}
	assert_int_equal(own_libbpf + own_libxdp, 0);
	let_libbpf_complain();
	assert_int_not_equal(own_libbpf, 0);
	let_libxdp_complain();
	assert_int_not_equal(own_libxdp, 0);
}

static void scopes_nest(void **state)
{
	int outer = 0, inner = 0, before;
	const struct log outer_log = { .fn = count, .data = &outer, .level = XDPDROP_LOG_DEBUG };
	const struct log inner_log = { .fn = count, .data = &inner, .level = XDPDROP_LOG_DEBUG };
	LOG_SCOPE(&outer_log);

	(void)state;
	{
		LOG_SCOPE(&inner_log);
		let_libbpf_complain();
	}
	assert_int_equal(outer, 0);
	before = inner;
	assert_int_not_equal(before, 0);
	let_libbpf_complain();
	assert_int_equal(inner, before);
	assert_int_not_equal(outer, 0);
}

static void advise(void *data, enum xdpdrop_hint hint, const char *path, char *text, size_t size)
{
	if (hint == XDPDROP_HINT_MOUNT_BPFFS)
		snprintf(text, size, "%s %s", (const char *)data, path);
	else if (hint == XDPDROP_HINT_HOST_MOUNTS)
		memset(text, 'x', size);
}

static void hints_are_the_application_s(void **state)
{
	const struct log silent = { 0 }, log = { .hint = advise, .hint_data = "mount" };
	char text[LOG_HINT_SIZE] = "before";

	(void)state;
	assert_string_equal(log_hint(NULL, XDPDROP_HINT_MOUNT_BPFFS, "/bpf", text, sizeof(text)),
			    "");
	assert_string_equal(log_hint(&silent, XDPDROP_HINT_MOUNT_BPFFS, "/bpf", text, sizeof(text)),
			    "");
	assert_string_equal(log_hint(&log, XDPDROP_HINT_MOUNT_BPFFS, "/bpf", text, sizeof(text)),
			    " (mount /bpf)");
	assert_string_equal(log_hint(&log, XDPDROP_HINT_OTHER_MOUNTS, NULL, text, sizeof(text)),
			    "");
	log_hint(&log, XDPDROP_HINT_HOST_MOUNTS, NULL, text, sizeof(text));
	assert_true(strlen(text) < sizeof(text));
	assert_int_equal(text[strlen(text) - 1], ')');
}

static pthread_barrier_t step;

/* Opens its scope before the other thread's is closed, and closes it after. */
static void *overlap(void *data)
{
	int *got = data;
	const struct log log = { .fn = count, .data = got, .level = XDPDROP_LOG_DEBUG };

	pthread_barrier_wait(&step); /* the other one is open */
	{
		LOG_SCOPE(&log);

		pthread_barrier_wait(&step);
		pthread_barrier_wait(&step); /* the other one is closed */
		let_libbpf_complain();
	}
	pthread_barrier_wait(&step);
	return NULL;
}

static void scopes_of_two_threads_overlap(void **state)
{
	int first = 0, second = 0;
	const struct log log = { .fn = count, .data = &first, .level = XDPDROP_LOG_DEBUG };
	pthread_t thread;

	(void)state;
	own_libbpf = 0;
	pthread_barrier_init(&step, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, overlap, &second), 0);
	{
		LOG_SCOPE(&log);

		pthread_barrier_wait(&step);
		pthread_barrier_wait(&step);
		let_libbpf_complain();
	}
	pthread_barrier_wait(&step);
	pthread_barrier_wait(&step);
	assert_int_not_equal(first, 0);
	assert_int_not_equal(second, 0);
	assert_int_equal(own_libbpf, 0);
	let_libbpf_complain();
	assert_int_not_equal(own_libbpf, 0);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&step);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scope_takes_messages),
		cmocka_unit_test(scopes_nest),
		cmocka_unit_test(hints_are_the_application_s),
		cmocka_unit_test(scopes_of_two_threads_overlap),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
