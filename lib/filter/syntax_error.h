/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Where in an expression a syntax error is, which libpcap does not say.
 */
#ifndef XDPDROP_FILTER_SYNTAX_ERROR_H
#define XDPDROP_FILTER_SYNTAX_ERROR_H

#include <stdbool.h>

/* Does libpcap compile @expression? */
typedef bool (*filter_compiles_fn)(void *data, const char *expression);

/*
 * The first word of @expression with which it cannot go on, or its end if words are missing
 * there. Asks @compiles about some of its beginnings, each with words that could follow: some
 * hundred times at most, however long it is.
 */
const char *filter_where(const char *expression, filter_compiles_fn compiles, void *data);

#endif
