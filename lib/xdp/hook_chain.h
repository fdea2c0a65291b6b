/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The captures at one hook form a chain in each slot: a capture program ends in a tail call into
 * its capture's map xdpdrop_next, where the next capture's program is. A new capture is the last
 * one. One that ends puts the program after its own into the place of its own, under the lock.
 */
#ifndef XDPDROP_XDP_HOOK_CHAIN_H
#define XDPDROP_XDP_HOOK_CHAIN_H

#include <linux/types.h>
#include <stdbool.h>

#include "bpf/owner.h"

#define HOOK_SLOTS 5

/* Maximum number of captures at a hook. The kernel ends a run at its 34th tail call. */
#define HOOK_CAPTURES 16

/* A capture that was there before. */
struct hook_before {
	int next_fd;	      /* its map xdpdrop_next */
	__u32 next_id;	      /* id of that map */
	__u32 id[HOOK_SLOTS]; /* id of its program in each slot, 0: none */
};

/*
 * What a capture keeps of the chains. The kernel empties a PROG_ARRAY when no process has it open.
 * So each capture has the maps of all captures before it open: if all processes of such a capture
 * die, the chain still leads to those behind it.
 */
struct hook_chain {
	int next_fd; /* the capture's own map; -1: none yet */
	__u32 count;
	struct hook_before before[HOOK_CAPTURES - 1];
};

/* Initialise. To be closed. */
void hook_chain_init(struct hook_chain *chain);
void hook_chain_close(struct hook_chain *chain);

/*
 * Replace chain->next_fd by a new map. The first program that is loaded with a map sets its type.
 * @last: other captures cannot follow. 0 or -errno.
 */
int hook_chain_renew(struct hook_chain *chain, bool last);

/*
 * Read the id of the program in @slot of a hook, or of a map xdpdrop_next; 0: the slot is empty.
 * -errno: it cannot be read now.
 */
int hook_chain_look(int map_fd, __u32 slot, __u32 *id);

/*
 * Follow the chain in @slot of hook @map_fd to program @id, 0: to its end. *@place is the map with
 * that program or free slot. -ENOENT: the chain does not lead there; others: a slot cannot be read.
 */
int hook_chain_find(const struct hook_chain *chain, int map_fd, __u32 slot, __u32 id, int *place);

/* Has @chain captures before this one to which the chains in the slots of @ids lead no more? */
bool hook_chain_is_stale(const struct hook_chain *chain, int map_fd, const __u32 *ids);

/* Close and forget these. Waits until no program of theirs runs. The lock is held. */
void hook_chain_trim(struct hook_chain *chain, int map_fd, const __u32 *ids);

/*
 * If @slot of @place has program @id, replace it by the program in that slot of @next_fd, or empty
 * it if there is none. The kernel does this in one step: a frame meets each other program once.
 * 0 or -errno. The lock is held.
 */
int hook_chain_unlink(int place, __u32 slot, __u32 id, int next_fd);

/* A walk along the chain in one slot. */
struct hook_walk {
	int map_fd; /* the hook */
	__u32 slot;
	int place;	    /* the map that is looked at; -1: the hook */
	__u32 id;	    /* of the program there, 0: none */
	struct owner owner; /* its capture */
	int next_fd;	    /* its capture's map xdpdrop_next; -1: no other capture can follow */
	__u32 next_id;
};

/* Begin at the hook. To be ended. */
void hook_walk_begin(struct hook_walk *walk, int map_fd, __u32 slot);

/*
 * Look at the slot. 0, with walk->id. Errors: -ENOENT: the program there is not a capture's;
 * others: it cannot be read now.
 */
int hook_walk_look(struct hook_walk *walk);

/* Go on behind a program whose next_fd is not -1. */
void hook_walk_advance(struct hook_walk *walk);

/* Remove the program from the chain. 0 or -errno. The lock is held. */
int hook_walk_unlink(const struct hook_walk *walk);

void hook_walk_end(struct hook_walk *walk);

/* Is the map one that only continues a chain? */
bool hook_chain_is_next(const char *map_name);

#endif
