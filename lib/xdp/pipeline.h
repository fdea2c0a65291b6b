/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The pipeline of an interface: its XDP programs and their hooks. Only reads.
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
	bool member;	  /* a member of libxdp's dispatcher */
	bool tail_called; /* is in a PROG_ARRAY of another program */
	bool hooked;	  /* has a hook */
	bool tags;	  /* is a tag member: its hook gets frames that a later program drops */
	__u32 caller_id;  /* id of a program that tail-calls it or redirects to it; 0: none */
	char entry
		[24]; /* "cpumap NAME" or "devmap NAME": runs after a redirect to it; else empty */
	__u32 chain;  /* bit n: after verdict n the next member runs, or the frame passes */
};

struct pipeline_hook {
	__u32 map_id;
	__u32 slots;
	__u32 program_id; /* the first program that uses it; 0: opened by its pin */
	__u32 cell_id;	  /* map into which the program writes its reason; 0: none */
	char name[16];
	bool tag; /* of a tag member: called for frames that a later program drops */
	int fd;	  /* owned by the pipeline until pipeline_close(); -1: closed */
};

struct pipeline {
	char ifname[IF_NAMESIZE];
	__u32 ifindex;
	int mode;		  /* XDP_ATTACHED_NONE, _DRV, _SKB, _HW, _MULTI */
	__u32 root_id;		  /* 0: nothing attached */
	__u32 offloaded_id;	  /* runs in the network device, before the root; 0: none does */
	bool dispatcher;	  /* the root is libxdp's */
	unsigned int blind_looks; /* number of reads of the same dispatcher that found no members */
	/* The interface to which the root is attached. For a slave it may be the bond. */
	__u32 root_ifindex;
	char root_ifname[IF_NAMESIZE];
	struct netdev device;	/* last read when devices_changed was set */
	struct lower_set lower; /* interfaces on which the kernel also runs the root */
	bool devices_changed;	/* read these two again next time */
	bool devices_read;	/* they were read this time */
	unsigned int program_count, hook_count, table_count;
	struct pipeline_program *programs;
	struct pipeline_hook *hooks;
	__u32 *tables; /* ids of PROG_ARRAYs that are not hooks */
	int error;     /* error of the last read, -errno; 0: all was read */
	/*
	 * number of slots of tail-call tables that are not read, and the map id of the last such
	 * table
	 */
	__u32 unread_slots, long_table;
};

/*
 * Read interface @ifname. NULL: read @pipeline's interface @ifindex again. Before the first read
 * *@pipeline is zeroed. An alternative name is replaced by the name. Finds the root, the members of
 * a dispatcher, and the programs that these reach by tail calls. The result is to be freed or read
 * again. Errors: -ENODEV; others, logged.
 */
int pipeline_read(struct pipeline *pipeline, const char *ifname, __u32 ifindex,
		  const struct log *log);

/*
 * Fill the zeroed *@pipeline, without an interface, with program @id as the root and the programs
 * that it reaches by tail calls. Errors are in pipeline->error. The result is to be freed.
 */
void pipeline_read_program(struct pipeline *pipeline, __u32 id);

/*
 * Close the maps of hooks; the other data stays valid. A PROG_ARRAY that no other process has open
 * must not be opened and closed more often than this: after each last close the kernel empties it
 * some time later, and a close before that leaks the map in the kernel (prog_array_map_clear()).
 */
void pipeline_close(struct pipeline *pipeline);

/* pipeline_close(), and free the data. */
void pipeline_free(struct pipeline *pipeline);

/* The program that is attached to the interface, or NULL. */
const struct pipeline_program *pipeline_root(const struct pipeline *pipeline);

/* The program @id, or NULL. */
const struct pipeline_program *pipeline_find(const struct pipeline *pipeline, __u32 id);

/* The member that runs directly after program @id, or NULL. */
const struct pipeline_program *pipeline_next_member(const struct pipeline *pipeline, __u32 id);

/* The last member, or NULL. */
const struct pipeline_program *pipeline_last_member(const struct pipeline *pipeline);

/*
 * The program whose verdict @program returns: itself, or for a program that is only tail-called the
 * first caller. NULL: unknown.
 */
const struct pipeline_program *pipeline_speaker(const struct pipeline *pipeline,
						const struct pipeline_program *program);

/*
 * Was everything read, including the members of a dispatcher? False between two dispatchers, or if
 * memory or descriptors are short. A program that is missing in an incomplete pipeline may exist.
 */
bool pipeline_is_whole(const struct pipeline *pipeline);

/* Are the members of the dispatcher invisible, and not only between two dispatchers? */
bool pipeline_is_hidden(const struct pipeline *pipeline);

/* Does @selector, a name or a decimal id (NULL: any), select this program? */
bool pipeline_selects(const char *selector, __u32 id, const char *name);

/* "native", "generic", "offloaded", "several modes" or "none". */
const char *pipeline_mode_name(int mode);

/*
 * For the functions that fill the pipeline. Record @err, unless the kernel no longer has the object
 * or hides it from processes without CAP_SYS_ADMIN.
 */
void pipeline_note_error(struct pipeline *pipeline, int err);

/* Make room for one more element of @size bytes in @array. False: no memory, which is recorded. */
bool pipeline_grow(struct pipeline *pipeline, void *array, unsigned int count, size_t size);
#define PIPELINE_GROW(pipeline, array, count)                                                      \
	pipeline_grow((pipeline), &(pipeline)->array, (pipeline)->count, sizeof(*(pipeline)->array))

/*
 * Add program @id. NULL: it is in the pipeline already, does not exist, or there is no memory.
 * Invalidates pointers to programs of the pipeline.
 */
struct pipeline_program *pipeline_add_program(struct pipeline *pipeline, __u32 id);

/* As pipeline_find(), for changes. */
struct pipeline_program *pipeline_find_program(struct pipeline *pipeline, __u32 id);

#endif
