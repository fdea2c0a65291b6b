/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Formats messages for the log callback of a session.
 */
#ifndef XDPDROP_BASE_LOG_H
#define XDPDROP_BASE_LOG_H

#include "xdpdrop.h"

/* Room for what log_hint() writes. */
#define LOG_HINT_SIZE 256

struct log {
	xdpdrop_log_fn fn;
	void *data;
	enum xdpdrop_log_level level;
	xdpdrop_hint_fn hint;
	void *hint_data;
	char **refusal; /* gets the verifier's last log, to be freed; NULL: not kept */
};

/* Send one message. @log may be NULL. */
__attribute__((format(printf, 3, 4))) void
log_message(const struct log *log, enum xdpdrop_log_level level, const char *format, ...);

/* Send an error message and return @error, so that a caller can log and return in one step. */
__attribute__((format(printf, 3, 4))) int log_error(const struct log *log, int error,
						    const char *format, ...);

/*
 * Write the application's words for @hint to @text as " (WORDS)", or "" if it has none. Returns
 * @text. @log may be NULL.
 */
const char *log_hint(const struct log *log, enum xdpdrop_hint hint, const char *path, char *text,
		     size_t size);

#define log_warn(log, ...) log_message(log, XDPDROP_LOG_WARN, __VA_ARGS__)
#define log_info(log, ...) log_message(log, XDPDROP_LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_message(log, XDPDROP_LOG_DEBUG, __VA_ARGS__)

/*
 * While a scope is open, messages of libbpf and libxdp on this thread go to @log as debug messages.
 * Otherwise they go to the print functions that the application had set before the first scope.
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
