// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Formats messages, and redirects messages of libbpf and libxdp.
 */
#include <bpf/libbpf.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "base/cleanup.h"
#include "base/log.h"

static _Thread_local const struct log *current;

static void log_vmessage(const struct log *log, enum xdpdrop_log_level level, const char *format,
			 va_list args)
{
	/* no fixed buffer: the end of a long verifier log matters most */
	CLEANUP_FREE char *text = NULL;
	int length;

	if (!log || !log->fn || level > log->level)
		return;
	length = vasprintf(&text, format, args);
	if (length < 0) {
		text = NULL;
		return;
	}
	while (length && text[length - 1] == '\n')
		text[--length] = '\0';
	if (length)
		log->fn(log->data, level, text);
}

void log_message(const struct log *log, enum xdpdrop_log_level level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vmessage(log, level, format, args);
	va_end(args);
}

int log_error(const struct log *log, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_vmessage(log, XDPDROP_LOG_ERROR, format, args);
	va_end(args);
	return error;
}

const char *log_hint(const struct log *log, enum xdpdrop_hint hint, const char *path, char *text,
		     size_t size)
{
	char words[LOG_HINT_SIZE - sizeof(" ()")] = "";

	if (log && log->hint)
		log->hint(log->hint_data, hint, path, words, sizeof(words));
	words[sizeof(words) - 1] = '\0';
	text[0] = '\0';
	if (words[0])
		snprintf(text, size, " (%s)", words);
	return text;
}

/* Kept at each log level: it cannot be produced again later. */
static void log_keep_refusal(const char *format, va_list args)
{
	char *text = NULL;
	va_list copy;

	if (!current || !current->refusal || !strstr(format, "BEGIN PROG LOAD LOG"))
		return;
	va_copy(copy, args);
	if (vasprintf(&text, format, copy) >= 0) {
		free(*current->refusal);
		*current->refusal = text;
	}
	va_end(copy);
}

/* The application's own print functions. NULL: it had turned messages off. */
static libbpf_print_fn_t application_libbpf;
static libxdp_print_fn_t application_libxdp;

static int log_print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!current)
		return application_libbpf ? application_libbpf(level, format, args) : 0;
	log_keep_refusal(format, args);
	log_vmessage(current, XDPDROP_LOG_DEBUG, format, args);
	return 0;
}

static int log_print_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	if (!current)
		return application_libxdp ? application_libxdp(level, format, args) : 0;
	log_vmessage(current, XDPDROP_LOG_DEBUG, format, args);
	return 0;
}

/*
 * libbpf and libxdp have one print function per process. Ours are installed once and stay
 * installed: a thread that restored the old ones would disable those of other threads.
 */
static void log_install(void)
{
	application_libbpf = libbpf_set_print(log_print_libbpf);
	application_libxdp = libxdp_set_print(log_print_libxdp);
}

struct log_scope log_scope_open(const struct log *log)
{
	static pthread_once_t installed = PTHREAD_ONCE_INIT;
	struct log_scope scope = { .outer = current };

	pthread_once(&installed, log_install);
	current = log;
	return scope;
}

void log_scope_close(struct log_scope *scope)
{
	current = scope->outer;
}
