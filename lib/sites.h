/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The places where a session captures; a record's site is an index here.
 */
#ifndef XDPDROP_SITES_H
#define XDPDROP_SITES_H

#include "control.h"
#include "reason.h"
#include "xdpdrop.h"

struct site {
	struct xdpdrop_site info;
	struct reasons reasons;
	__u64 read;	 /* records of this site that came out of the rings */
	__u64 delivered; /* of these, passed on */
	__u64 lost;	 /* frames lost, as the records read tell */
	__u64 lost_told; /* of those, what the output already shows */
	__u64 missed;	 /* runs for which the kernel did not call us, as last read */
};

struct sites {
	unsigned int count;
	unsigned int generation; /* one more with each site that opens or closes */
	struct site site[XDPDROP_MAX_SITES];
	struct reasons named; /* by the user, at every hook */
	/* Called, if not NULL, when a site opens, before it has records, and when it closes. */
	void (*changed)(void *data, unsigned int index);
	void *data;
};

/*
 * Add a site and return its index, or -ENOSPC. A site that is gone and was the same hook or
 * program is taken up again. @reasons is taken over, also on failure.
 */
int sites_add(struct sites *sites, const struct xdpdrop_site *info, struct reasons *reasons);

/* Make site @index, at most one beyond the last, be @info, without reasons. -EINVAL: beyond. */
int sites_put(struct sites *sites, unsigned int index, const struct xdpdrop_site *info);

/* Site @index is gone: unloaded, replaced, or not armed after all. */
void sites_close(struct sites *sites, unsigned int index);

/* So are all sites of an interface. */
void sites_close_interface(struct sites *sites, __u32 ifindex);

void sites_free(struct sites *sites);

#endif
