// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Reads and changes chains. A walk finds the captures in a chain by the maps of their programs. It
 * opens programs and maps by their ids, which needs privileges. hook_chain_find() follows captures
 * whose maps are open already, which needs none.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bpf/bpfinfo.h"
#include "bpf/rcu_wait.h"
#include "xdp/hook_chain.h"

#define NEXT_NAME "xdpdrop_next"
#define LAST_NAME "xdpdrop_last"

/*
 * The kernel may lack memory for a moment. A program that stays in a slot costs time for each
 * frame.
 */
#define ATTEMPTS 10
#define RETRY_US 1000

void hook_chain_init(struct hook_chain *chain)
{
	*chain = (struct hook_chain){ .next_fd = -1 };
	for (int i = 0; i < HOOK_CAPTURES - 1; i++)
		chain->before[i].next_fd = -1;
}

void hook_chain_close(struct hook_chain *chain)
{
	cleanup_fd(&chain->next_fd);
	for (__u32 i = 0; i < chain->count; i++)
		cleanup_fd(&chain->before[i].next_fd);
	chain->count = 0;
}

int hook_chain_renew(struct hook_chain *chain, bool last)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, last ? LAST_NAME : NEXT_NAME,
				sizeof(__u32), sizeof(__u32), HOOK_SLOTS, NULL);

	if (fd < 0)
		return -errno;
	cleanup_fd(&chain->next_fd);
	chain->next_fd = fd;
	return 0;
}

bool hook_chain_is_next(const char *map_name)
{
	return !strcmp(map_name, NEXT_NAME);
}

int hook_chain_look(int map_fd, __u32 slot, __u32 *id)
{
	*id = 0;
	if (!bpf_map_lookup_elem(map_fd, &slot, id) || errno == ENOENT)
		return 0;
	*id = 0;
	return -errno;
}

static int hook_chain_known(const struct hook_chain *chain, __u32 slot, __u32 id)
{
	for (__u32 i = 0; i < chain->count; i++)
		if (chain->before[i].id[slot] == id)
			return i;
	return -ENOENT;
}

/* As hook_chain_find(). Bit n of *@met: the chain leads through before[n]. */
static int hook_chain_follow(const struct hook_chain *chain, int map_fd, __u32 slot, __u32 id,
			     int *place, __u32 *met)
{
	__u32 found;
	int err, known;

	for (*place = map_fd;; *place = chain->before[known].next_fd) {
		err = hook_chain_look(*place, slot, &found);
		if (err || found == id)
			return err;
		known = found ? hook_chain_known(chain, slot, found) : -ENOENT;
		if (known < 0 || *met & 1U << known)
			return -ENOENT;
		*met |= 1U << known;
	}
}

int hook_chain_find(const struct hook_chain *chain, int map_fd, __u32 slot, __u32 id, int *place)
{
	__u32 met = 0;

	return hook_chain_follow(chain, map_fd, slot, id, place, &met);
}

/* One bit for each capture before this one that is still there, or may be. */
static __u32 hook_chain_met(const struct hook_chain *chain, int map_fd, const __u32 *ids)
{
	__u32 all = 0;

	for (__u32 slot = 0; slot < HOOK_SLOTS; slot++) {
		__u32 met = 0;
		int place;

		if (ids[slot] && hook_chain_follow(chain, map_fd, slot, ids[slot], &place, &met))
			return ~0U;
		all |= met;
	}
	return all;
}

static __u32 hook_chain_stale(const struct hook_chain *chain, int map_fd, const __u32 *ids)
{
	return chain->count ? ~hook_chain_met(chain, map_fd, ids) & ((1U << chain->count) - 1) : 0;
}

bool hook_chain_is_stale(const struct hook_chain *chain, int map_fd, const __u32 *ids)
{
	return hook_chain_stale(chain, map_fd, ids);
}

void hook_chain_trim(struct hook_chain *chain, int map_fd, const __u32 *ids)
{
	__u32 stale = hook_chain_stale(chain, map_fd, ids), kept = 0;

	if (!stale)
		return;
	rcu_wait();
	for (__u32 i = 0; i < chain->count; i++)
		if (stale & 1U << i)
			cleanup_fd(&chain->before[i].next_fd);
		else
			chain->before[kept++] = chain->before[i];
	chain->count = kept;
}

static int hook_chain_replace(int place, __u32 slot, int next_fd)
{
	__u32 follower = 0;
	int err = next_fd < 0 ? 0 : hook_chain_look(next_fd, slot, &follower);

	if (err)
		return err;
	if (!follower)
		return bpf_map_delete_elem(place, &slot) ? -errno : 0;
	CLEANUP_FD int program = bpf_prog_get_fd_by_id(follower);

	return program < 0 || bpf_map_update_elem(place, &slot, &program, BPF_ANY) ? -errno : 0;
}

/* A slot that cannot be read may hold another's program, and is not changed. */
int hook_chain_unlink(int place, __u32 slot, __u32 id, int next_fd)
{
	int err = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		__u32 found;

		err = hook_chain_look(place, slot, &found);
		if (!err && found != id)
			return 0;
		err = err ?: hook_chain_replace(place, slot, next_fd);
		if (!err)
			return 0;
		usleep(RETRY_US);
	}
	return err;
}

void hook_walk_begin(struct hook_walk *walk, int map_fd, __u32 slot)
{
	*walk = (struct hook_walk){ .map_fd = map_fd, .slot = slot, .place = -1, .next_fd = -1 };
}

static int hook_walk_place(const struct hook_walk *walk)
{
	return walk->place < 0 ? walk->map_fd : walk->place;
}

static int hook_walk_ask(struct hook_walk *walk)
{
	struct bpf_map_info next;
	int err = owner_of(walk->id, &walk->owner);

	if (err)
		return err;
	walk->next_fd = bpfinfo_map_of(walk->id, NEXT_NAME, &next);
	walk->next_id = walk->next_fd < 0 ? 0 : next.id;
	return walk->next_fd < 0 && walk->next_fd != -ENOENT ? walk->next_fd : 0;
}

/* A program that ends meanwhile has none of its maps. */
int hook_walk_look(struct hook_walk *walk)
{
	int place = hook_walk_place(walk), err;
	__u32 now;

	cleanup_fd(&walk->next_fd);
	err = hook_chain_look(place, walk->slot, &walk->id);
	while (!err && walk->id) {
		int asked = hook_walk_ask(walk);

		err = hook_chain_look(place, walk->slot, &now);
		if (err || now == walk->id)
			return err ?: asked;
		cleanup_fd(&walk->next_fd);
		walk->id = now;
	}
	return err;
}

void hook_walk_advance(struct hook_walk *walk)
{
	cleanup_fd(&walk->place);
	walk->place = take_fd(&walk->next_fd);
}

int hook_walk_unlink(const struct hook_walk *walk)
{
	return hook_chain_unlink(hook_walk_place(walk), walk->slot, walk->id, walk->next_fd);
}

void hook_walk_end(struct hook_walk *walk)
{
	cleanup_fd(&walk->next_fd);
	cleanup_fd(&walk->place);
}
