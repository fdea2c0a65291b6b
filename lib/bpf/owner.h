/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Whose capture a program in the kernel belongs to, and whether that capture still lives.
 */
#ifndef XDPDROP_BPF_OWNER_H
#define XDPDROP_BPF_OWNER_H

#include <linux/types.h>
#include <stdbool.h>

#include "control.h"

struct owner {
	__u32 pid;	  /* as numbered in its process namespace */
	__u32 control_id; /* its control page's map, which tells sessions of one process apart */
	bool alive;
};

/*
 * Write into a control page that this process owns it for as long as it, or a process that it
 * starts, has program @lease_fd open. Errors: those of asking about the program.
 */
int owner_sign(struct xdpdrop_control *control, int lease_fd);

/*
 * The capture that loaded program @id. -ENOENT: the program is not one of ours;
 * other errors: it could not be asked.
 */
int owner_of(__u32 id, struct owner *owner);

#endif
