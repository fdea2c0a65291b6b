/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings that came from elsewhere, on their way to a person's terminal.
 */
#ifndef XDPDROP_TEXT_H
#define XDPDROP_TEXT_H

/*
 * Replace, in place, what a terminal could take for a command (C0 and C1 controls, DEL) with '?'.
 * UTF-8 is left as it is. Returns @text.
 */
char *text_clean(char *text);

/* Print a line on standard output, cleaned. */
void text_put_line(const char *line);

#endif
