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
	__u32 pid;    /* as numbered in its process namespace */
	__u32 map_id; /* of the map that names it, which differs between sessions of one process */
	bool alive;
};

/*
 * Create the map that names this process as the owner of a capture, which lives for as long as
 * a process has program @lease_fd open. Nobody can change the map. Its descriptor, or -errno.
 */
int owner_create(int lease_fd);

/*
 * The capture that loaded program @id. -ENOENT: the program is not one of ours;
 * other errors: it could not be asked.
 */
int owner_of(__u32 id, struct owner *owner);

#endif
