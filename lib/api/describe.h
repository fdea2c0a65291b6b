/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What an output file says besides its records: header, capture points, totals at the end.
 */
#ifndef XDPDROP_API_DESCRIBE_H
#define XDPDROP_API_DESCRIBE_H

#include "api/session.h"

/* The file's header. 0 or -errno. */
int describe_begin(struct xdpdrop *session);

/* The capture points that are new, before their first records. 0 or -errno. */
int describe_points(struct xdpdrop *session);

/* New capture points, the totals of all, and the file's end. 0 or the output's first error. */
int describe_end(struct xdpdrop *session);

#endif
