/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is attached, which taps would work and what the kernel can do, as JSON. One object, on one
 * line; xdpdrop-capture(8) and xdpdrop-loader(8) describe it.
 */
#ifndef XDPDROP_LOADER_LOOK_H
#define XDPDROP_LOADER_LOOK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <xdpdrop/xdpdrop.h>

/*
 * Where to write: "-" is standard output, a number an open descriptor, anything else a file. NULL:
 * errno has the reason. To be closed by look_close().
 */
FILE *look_open(const char *where);

/* Fill @file for what look_open() would open. False: there is none yet. */
bool look_stat(const char *where, struct stat *file);

/* 0 or -errno of what was written. */
int look_close(FILE *stream);

/* Of the interfaces that @ifname lists, NULL: of all; @opts may be NULL. As xdpdrop_inspect(). */
int look_interfaces(FILE *stream, struct xdpdrop *session, const char *ifname,
		    const struct xdpdrop_opts *opts);

/* The same to @where, which a failed look at @ifname leaves as it was. 0 or -errno. */
int look_write(const char *where, struct xdpdrop *session, const char *ifname,
	       const struct xdpdrop_opts *opts);

/* Of the kernel, and with @ifname also of that interface. */
int look_features(FILE *stream, struct xdpdrop *session, const char *ifname);

#endif
