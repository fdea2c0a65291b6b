/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Messages for people, on their way to the handle's callback.
 */
#ifndef XDPDROP_BASE_LOG_H
#define XDPDROP_BASE_LOG_H

#include "xdpdrop.h"

struct log {
	xdpdrop_log_fn fn;
	void *data;
	enum xdpdrop_log_level level;
	char **refusal; /* where what the verifier said last is kept, to be freed; NULL: nowhere */
};

/* Send one message; @log may be NULL. */
__attribute__((format(printf, 3, 4))) void
log_message(const struct log *log, enum xdpdrop_log_level level, const char *format, ...);

/* An error message; returns @error, so that a caller can log and return in one step. */
__attribute__((format(printf, 3, 4))) int log_error(const struct log *log, int error,
						    const char *format, ...);

#define log_warn(log, ...) log_message(log, XDPDROP_LOG_WARN, __VA_ARGS__)
#define log_info(log, ...) log_message(log, XDPDROP_LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_message(log, XDPDROP_LOG_DEBUG, __VA_ARGS__)

/*
 * While a scope is open, what libbpf and libxdp print on this thread goes to @log as debug
 * messages. Otherwise it goes to the print functions that the application had set before it opened
 * its first scope.
 */
struct log_scope {
	const struct log *outer;
};
struct log_scope log_scope_open(const struct log *log);
void log_scope_close(struct log_scope *scope);
#define LOG_SCOPE(log)                                                                             \
	struct log_scope log_scope __attribute__((cleanup(log_scope_close), unused)) =             \
		log_scope_open(log)

#endif
