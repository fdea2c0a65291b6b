/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of xdpdrop-forward on standard error, and what it counts. Needs no library.
 */
#ifndef XDPDROP_FORWARD_LOG_H
#define XDPDROP_FORWARD_LOG_H

#include <linux/types.h>
#include <stdbool.h>

/* Lines: at the end each one is delivered, failed or bad. */
struct forward_count {
	__u64 read;
	__u64 delivered; /* a broker has acknowledged it */
	__u64 failed;	 /* no broker has */
	__u64 bad;	 /* it is no JSON object */
};

/* Print one line, safe for a terminal, behind the name of the program. */
__attribute__((format(printf, 1, 2))) void forward_say(const char *format, ...);

/* "N read, N delivered, N failed, N bad", and if not @final, how many wait. */
void forward_say_count(const struct forward_count *count, bool final);

/* Open closed standard descriptors. False: standard input was closed. */
bool forward_open_standard(void);

#endif
