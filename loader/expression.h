/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter expression: the words of a command line, or a file.
 */
#ifndef XDPDROP_EXPRESSION_H
#define XDPDROP_EXPRESSION_H

/* The words up to NULL with blanks between them; to be freed. NULL: none, or no memory. */
char *expression_join(char *const *words);

/* What the file says, with "# comments" left out; to be freed. NULL: see errno. */
char *expression_read(const char *path);

#endif
