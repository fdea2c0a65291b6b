// SPDX-License-Identifier: GPL-2.0-only
/*
 * Apart from the rest of the screen, because <term.h> has macros of common names.
 */
#include "screen/screen_terminal.h"

#include <curses.h>
#include <stdio.h>
#include <term.h>
#include <unistd.h>

bool screen_is_possible(void)
{
	int err;

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       setupterm(NULL, STDOUT_FILENO, &err) == OK && cursor_address && clear_screen;
}

struct screen_restore screen_restore(void)
{
	struct screen_restore restore;

	snprintf(restore.text, sizeof(restore.text), "%s%s%s",
		 exit_attribute_mode ? exit_attribute_mode : "", cursor_normal ? cursor_normal : "",
		 exit_ca_mode ? exit_ca_mode : "");
	return restore;
}
