/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Fills the maps of an object that a replay loads: from a running program, from files, and with the
 * programs of the object itself.
 */
#ifndef XDPDROP_REPLAY_FILL_H
#define XDPDROP_REPLAY_FILL_H

#include <linux/types.h>

#include "bpf/bpfinfo.h"
#include "replay.h"

struct bpf_object;
struct log;

/* A map of the running program. */
struct fill_source {
	int fd;
	struct bpf_map_info info;
};

struct fill {
	struct bpf_object *object;
	const struct xdpdrop_replay_opts *opts;
	const struct log *log;
	struct fill_source *source;
	unsigned int sources;
};

/*
 * Before the object is loaded: open the maps of the running program; maps of the same shape get the
 * sizes of these, and constants their values. To be ended in any case. Errors are logged.
 */
int fill_begin(struct fill *fill, struct bpf_object *object, const struct xdpdrop_replay_opts *opts,
	       const struct log *log);

/* After the object is loaded: fill the maps. Errors are logged. */
int fill_maps(struct fill *fill);
void fill_end(struct fill *fill);

/*
 * Copy all entries of map @from to map @to, which has the same type and sizes. Returns their number
 * or -errno.
 */
long fill_copy(int to, int from, const struct bpf_map_info *info);

/* Put the entries of the file @path, JSON as bpftool-map(8) dumps it, into @map. */
int fill_read_file(const struct fill *fill, const char *name, const char *path);

#endif
