/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The parts of an output file besides its records: header, capture points, and totals.
 */
#ifndef XDPDROP_API_DESCRIBE_H
#define XDPDROP_API_DESCRIBE_H

#include "api/session.h"

/* Write the file's header. 0 or -errno. */
int describe_begin(struct xdpdrop *session);

/* Write new capture points, before their first records. 0 or -errno. */
int describe_points(struct xdpdrop *session);

/* Write new capture points and all totals, and finish the file. 0 or the output's first error. */
int describe_end(struct xdpdrop *session);

#endif
