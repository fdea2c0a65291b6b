/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The tag member that a capture has added to libxdp's dispatcher, and its removal.
 */
#ifndef XDPDROP_XDP_MEMBER_H
#define XDPDROP_XDP_MEMBER_H

#include "base/log.h"
#include "xdp/pipeline.h"

#define MEMBER_NAME "xdpdrop_tag_tap"

struct member {
	__u32 ifindex;
	__u32 id;	/* id of the program; 0: unknown */
	__u32 owner_id; /* id of the map that names the capture, one of the program's maps */
};

/* Remove the member, if it still exists. Errors are logged. */
void member_undo(const struct member *member, const struct log *log);

/*
 * If @program of @ifindex is the tag member of a dead session, remove it. Returns 1: removed, and
 * *@pid is the pid of the dead session; 0: it is not one; errors are logged.
 */
int member_clean(__u32 ifindex, const struct pipeline_program *program, __u32 *pid,
		 const struct log *log);

#endif
