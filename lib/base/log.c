// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Formats messages and redirects what the BPF libraries print. Decides nothing.
 */
#include <bpf/libbpf.h>
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
	/* the end of a verifier's long log is what matters */
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

/* Whatever the level: by the time that somebody asks for it, it cannot be had again. */
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

static int log_print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	log_keep_refusal(format, args);
	log_vmessage(current, XDPDROP_LOG_DEBUG, format, args);
	return 0;
}

static int log_print_libxdp(enum libxdp_print_level level, const char *format, va_list args)
{
	(void)level;
	log_vmessage(current, XDPDROP_LOG_DEBUG, format, args);
	return 0;
}

struct log_scope log_scope_open(const struct log *log)
{
	struct log_scope scope = {
		.outer = current,
		.libbpf_print = (void *)libbpf_set_print(log_print_libbpf),
		.libxdp_print = (void *)libxdp_set_print(log_print_libxdp),
	};

	current = log;
	return scope;
}

void log_scope_close(struct log_scope *scope)
{
	current = scope->outer;
	libxdp_set_print((libxdp_print_fn_t)scope->libxdp_print);
	libbpf_set_print((libbpf_print_fn_t)scope->libbpf_print);
}
