/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Saves the log of the kernel's verifier.
 */
#ifndef XDPDROP_REFUSAL_H
#define XDPDROP_REFUSAL_H

#include "common/report.h"

/*
 * Save @text, which is too long for a terminal, in a new temporary file with mode 0600, and print
 * the file's name. NULL: nothing was refused.
 */
void refusal_report(const char *text, struct report *report);

#endif
