/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Has all readers of a session work at once, each in a thread, for a slice of time.
 */
#ifndef XDPDROP_API_SLICE_H
#define XDPDROP_API_SLICE_H

struct xdpdrop;

/*
 * Pass on what comes into the rings within @ms. Ends earlier if a reader fails, or if the session
 * has to do something else. Returns the number of records, or -errno. The threads have ended then.
 */
int slice_run(struct xdpdrop *session, int ms);

#endif
