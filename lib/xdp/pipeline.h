/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What is attached to an interface: programs, and the hooks in them. Only reads.
 */
#ifndef XDPDROP_XDP_PIPELINE_H
#define XDPDROP_XDP_PIPELINE_H

#include <linux/types.h>
#include <net/if.h>
#include <stdbool.h>

#include "base/log.h"
#include "xdp/lower.h"
#include "xdp/netdev.h"

struct pipeline_program {
	__u32 id;
	char name[64];
	bool root;	  /* attached to the interface itself */
	bool member;	  /* of a libxdp dispatcher */
	bool tail_called; /* in a PROG_ARRAY of one of the programs */
	bool hooked;	  /* has a hook */
	bool tags;	  /* is a tag member: its hook is for frames that a later program drops */
	__u32 caller_id;  /* of a program that tail-calls it, or redirects to it; 0: none does */
	char entry
		[24]; /* "cpumap NAME" or "devmap NAME": runs after a redirect there; else empty */
	__u32 chain;  /* bit n: after verdict n the dispatcher goes on, behind the last to pass */
};

struct pipeline_hook {
	__u32 map_id;
	__u32 slots;
	__u32 program_id; /* the first program that carries it; 0: opened by its pin */
	__u32 cell_id;	  /* map in which the program leaves its reason, 0: none */
	char name[16];
	bool tag; /* of a tag member: called for frames that a later program drops */
	int fd;	  /* the pipeline's, until pipeline_close(); -1: closed, or not of a pipeline */
};

struct pipeline {
	char ifname[IF_NAMESIZE];
	__u32 ifindex;
	int mode;		  /* XDP_ATTACHED_NONE, _DRV, _SKB, _HW, _MULTI */
	__u32 root_id;		  /* 0: nothing attached */
	__u32 offloaded_id;	  /* runs in the network device, before the root; 0: none does */
	bool dispatcher;	  /* the root is libxdp's */
	unsigned int blind_looks; /* at the same dispatcher, that found no members */
	/* The interface that the root is attached to: a bond, where this is one of its slaves. */
	__u32 root_ifindex;
	char root_ifname[IF_NAMESIZE];
	struct netdev device;	/* as it was when devices_changed was false last */
	struct lower_set lower; /* where the kernel runs the root, too */
	bool devices_changed;	/* read these two anew, next time */
	bool devices_read;	/* that was done this time */
	unsigned int program_count, hook_count, table_count;
	struct pipeline_program *programs;
	struct pipeline_hook *hooks;
	__u32 *tables; /* ids of the other PROG_ARRAYs */
	int error;     /* why something could not be looked at just now, -errno; 0: nothing */
	/* slots of tail-call tables that are not looked at, and the last such table's map id */
	__u32 unread_slots, long_table;
};

/*
 * Read @ifname, or with NULL once more the interface @ifindex, which *@pipeline is of; before the
 * first time *@pipeline is all 0. An alternative name is replaced by the name.
 * Errors: -ENODEV; others logged.
 * Programs: the root, a dispatcher's members, and what those reach by tail calls. To be freed, or
 * read once more.
 */
int pipeline_read(struct pipeline *pipeline, const char *ifname, __u32 ifindex,
		  const struct log *log);

/*
 * Let go of the hooks' maps; the rest can still be read. Open and close a PROG_ARRAY that nobody
 * else has open no more often than that: each last close has the kernel empty it some time later,
 * and one that comes before that keeps the map in the kernel for ever (prog_array_map_clear()).
 */
void pipeline_close(struct pipeline *pipeline);

/* pipeline_close(), and forget what was read. */
void pipeline_free(struct pipeline *pipeline);

/* The program that is attached itself, NULL if none. */
const struct pipeline_program *pipeline_root(const struct pipeline *pipeline);

/* Is program @id part of it? */
const struct pipeline_program *pipeline_find(const struct pipeline *pipeline, __u32 id);

/* The dispatcher member that runs directly after program @id, NULL if none. */
const struct pipeline_program *pipeline_next_member(const struct pipeline *pipeline, __u32 id);

/* The dispatcher member behind which no other one runs, NULL if there is no member. */
const struct pipeline_program *pipeline_last_member(const struct pipeline *pipeline);

/*
 * Whose verdicts those of @program are: its own, or of a program that is only tail-called those of
 * the one from which its callers lead here. NULL: not known.
 */
const struct pipeline_program *pipeline_speaker(const struct pipeline *pipeline,
						const struct pipeline_program *program);

/*
 * Could everything be read, and the members of its dispatcher, if it has one? Not between two
 * dispatchers, nor when something is short. What is missing in one that is not whole may be there.
 */
bool pipeline_is_whole(const struct pipeline *pipeline);

/*
 * Are the members of the dispatcher out of reach, not only for the moment between two dispatchers?
 */
bool pipeline_is_hidden(const struct pipeline *pipeline);

/* Does @selector (a name or a decimal id, NULL: any) mean this program? */
bool pipeline_selects(const char *selector, __u32 id, const char *name);

/* "native", "generic", "offloaded", "several modes" or "none". */
const char *pipeline_mode_name(int mode);

/*
 * For those that fill it. Something could not be looked at: what the kernel no longer has, or does
 * not show to somebody without CAP_SYS_ADMIN, is not part of what can be seen, and any other error
 * is noted.
 */
void pipeline_note_error(struct pipeline *pipeline, int err);

/* Room for one more element of @size bytes in @array, or NULL: no memory, which is noted. */
void *pipeline_grow(struct pipeline *pipeline, void *array, unsigned int count, size_t size);
#define PIPELINE_GROW(pipeline, array, count)                                                      \
	pipeline_grow((pipeline), (pipeline)->array, (pipeline)->count, sizeof(*(pipeline)->array))

/*
 * Add program @id. NULL: it is there already, has gone, or there is no memory. Pointers to other
 * programs of the pipeline are void afterwards.
 */
struct pipeline_program *pipeline_add_program(struct pipeline *pipeline, __u32 id);

/* Is program @id part of it? As pipeline_find(), to be changed. */
struct pipeline_program *pipeline_find_program(struct pipeline *pipeline, __u32 id);

#endif
