/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter expression: the words of a command line, or a file.
 */
#ifndef XDPDROP_EXPRESSION_H
#define XDPDROP_EXPRESSION_H

#include <stdbool.h>

/* The words up to NULL with blanks between them; to be freed. NULL: none, or no memory. */
char *expression_join(char *const *words);

/*
 * The text of the file without "# comments"; to be freed. NULL: *@wrong, which is not to be freed,
 * is the reason.
 */
char *expression_read(const char *path, const char **wrong);

/* To be added to a message that the file @path cannot be read: it may be a filter itself. */
const char *expression_hint(const char *path);

/*
 * Has @text only words of pcap-filter(7)'s own, and numbers? libpcap looks up others, and may ask
 * name servers about them.
 */
bool expression_is_plain(const char *text);

#endif
