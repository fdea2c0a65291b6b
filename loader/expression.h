/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filter expression: the words of a command line, or a file.
 */
#ifndef XDPDROP_EXPRESSION_H
#define XDPDROP_EXPRESSION_H

/* The words up to NULL with blanks between them; to be freed. NULL: none, or no memory. */
char *expression_join(char *const *words);

/*
 * What the file says, with "# comments" left out; to be freed. NULL: *@wrong, which is not to be
 * freed, says why there is none.
 */
char *expression_read(const char *path, const char **wrong);

#endif
