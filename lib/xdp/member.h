/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The tag member that a capture has put into libxdp's dispatcher, and how it is taken out again.
 */
#ifndef XDPDROP_XDP_MEMBER_H
#define XDPDROP_XDP_MEMBER_H

#include "base/log.h"
#include "xdp/pipeline.h"

#define MEMBER_NAME "xdpdrop_tag_tap"

struct member {
	__u32 ifindex;
	__u32 id;	  /* of the program, 0: not known */
	__u32 control_id; /* of the capture's control page, which is one of its maps */
};

/* Remove it, if it is still there. Errors are logged. */
void member_undo(const struct member *member, const struct log *log);

/*
 * If @program of @ifindex is the tag member of a dead capture, remove it. 1: done, the dead
 * capture's pid is in *@pid; 0: it is not one; errors are logged.
 */
int member_clean(__u32 ifindex, const struct pipeline_program *program, __u32 *pid,
		 const struct log *log);

#endif
