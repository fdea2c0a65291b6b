/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Our directory in the BPF file system: pins that keep what is attached alive.
 */
#ifndef XDPDROP_XDP_BPFFS_H
#define XDPDROP_XDP_BPFFS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

#define BPFFS_PATH_SIZE 256
/* Longest path of a BPF file system: our pins' names come behind it. */
#define BPFFS_ROOT_MAX 220

/* Can the path that the environment names be used? 0, or -ENAMETOOLONG; logged. */
int bpffs_check_path(const struct log *log);

/*
 * Is a BPF file system there that outlives every process but the machine's first? With @unsafe any
 * will do. 0, or -errno with the reason and the remedy in @why, with @log's hints.
 */
int bpffs_check(bool unsafe, const struct log *log, char *why, size_t size);

/* Where libxdp keeps its pins. */
void bpffs_libxdp_directory(char *path, size_t size);

/* Path of wrapper @id's pin. */
void bpffs_pin_path(__u32 id, char *path, size_t size);

/* Pin wrapper @id's map @fd; its path goes to @path. Errors: bpf_obj_pin()'s, mkdir()'s. */
int bpffs_pin(int fd, __u32 id, char *path, size_t size);

/* Remove a pin, and our directory when it is empty then. */
void bpffs_unpin(const char *path);

/*
 * Call @fn with the wrapper id of each of our pins; files of other names are left alone.
 * Returns how many times @fn returned true, after which the pin is removed.
 */
typedef bool (*bpffs_pin_fn)(__u32 id, const struct log *log);
int bpffs_remove_pins(bpffs_pin_fn fn, const struct log *log);

#endif
