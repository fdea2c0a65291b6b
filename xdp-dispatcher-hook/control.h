/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * Data shared by the kernel programs and the library, besides records: the control page, the
 * counters, the table of interfaces, and marks for generated code.
 */
#ifndef XDPDROP_CONTROL_H
#define XDPDROP_CONTROL_H

#include <linux/types.h>

#define XDPDROP_OWNER_MAGIC 0x78647064 /* "xdpd" */
#define XDPDROP_OWNER_VERSION 1

/* Maximum value of a record's field. */
#define XDPDROP_MAX_SAMPLE 65535

/*
 * Maximum number of capture points of a session, because a record has one byte for the index. Their
 * counters take 16 KiB for each possible CPU.
 */
#define XDPDROP_MAX_POINTS 256

/* What a program does with a frame. */
enum xdpdrop_replaying {
	XDPDROP_REPLAY_NONE,
	XDPDROP_REPLAY_SHARED, /* notes it in the state of the CPU, if it is the replay's */
	XDPDROP_REPLAY_OWN,    /* notes it: only the replay runs the program */
};

/* The control page: mapped and written by the session, read by the kernel programs. */
struct xdpdrop_control {
	__u64 deadline;		/* ns of bpf_ktime_get_ns(); frames are not captured after it */
	__u64 deadline_jiffies; /* in jiffies; later frames count as lost; 0: not counted */
	__u32 snaplen;		/* bytes of a frame to copy, 1..XDPDROP_MAX_CAPLEN */
	__u32 watermark;	/* bytes written to a ring between two wakeups of the reader */
	__u32 sample;		/* one in this many frames is captured, 1..XDPDROP_MAX_SAMPLE */
	__u32 reserved;
};

/*
 * In a map of its own, which is frozen: the process that reads records can write the control page,
 * and must not be able to sign as another capture.
 */
struct xdpdrop_owner {
	__u32 magic;
	__u32 version;
	__u64 lease_loaded; /* when the lease's program was loaded, as the kernel recorded it */
	__u64 pid_ns;	    /* inode of the pid namespace of the process that created the maps */
	__u32 pid;	    /* of that process, as numbered in that namespace */
	__u32 lease_id;	    /* of the lease's program, which the capture's processes have open */
};

/* One cache line per capture point and CPU. */
struct xdpdrop_counters {
	__u64 seen;	     /* frames that reached an armed program */
	__u64 filtered;	     /* frames that did not match the filter */
	__u64 sampled_out;   /* frames skipped by sampling */
	__u64 limited;	     /* frames skipped by a rate limit */
	__u64 lost;	     /* frames without room in the ring, or without a ring for this CPU */
	__u64 captured;	     /* frames written to the ring */
	__u64 bytes;	     /* original bytes of seen frames */
	__u32 lost_reported; /* low half of the lost frames that records report */
	__u32 unused;
};

/* Maximum number of interfaces that a session captures. */
#define XDPDROP_MAX_IFACES 8

/* Maximum number of lower interfaces, such as a bond's slaves. */
#define XDPDROP_MAX_LOWER 31

/* Maximum number of interfaces of one hook's programs: one with all its lower ones, or several. */
#define XDPDROP_MAX_DEVICES (XDPDROP_MAX_LOWER + 1)

/*
 * A program, and thus a hook, may run on several interfaces. Each hook has one table of recorded
 * interfaces and their capture points. The table is mapped: an entry is changed by one 8-byte
 * store, which a map update by system call does not guarantee.
 */
union xdpdrop_iface {
	struct {
		__u32 ifindex; /* 0: free */
		__u32 point;
	};
	__u64 whole;
};

struct xdpdrop_iface_map {
	__u32 used;	 /* number of leading entries that may be used */
	__u32 link_type; /* link type of the programs' filter */
	union xdpdrop_iface iface[XDPDROP_MAX_DEVICES];
};

/*
 * A capture program contains "r0 = XDPDROP_NETNS_MARK" once, followed by instructions that add 0 to
 * r0. Unchanged, they mean that the frame's network namespace is unknown. The library replaces them
 * all by code that computes its inode: r1 is the context, r0 the result, and r1 to r5 are
 * clobbered.
 */
#define XDPDROP_NETNS_MARK 0x7864706e /* "xdpn" */
#define XDPDROP_NETNS_INSNS 6

/*
 * The exit tap copies a frame in fragments in steps of at most one page, so that the verifier sees
 * that they stay within the buffer. The maximum number of steps is one for each fragment
 * (MAX_SKB_FRAGS is at most 45), one for the linear part, and one for each whole page.
 */
#define XDPDROP_GATHER_MAX 65536
#define XDPDROP_GATHER_STEP 4096
#define XDPDROP_GATHER_STEPS (45 + 1 + XDPDROP_GATHER_MAX / XDPDROP_GATHER_STEP)

/* In a map, not on the stack: verifiers do not track values in maps, and so follow fewer states. */
struct xdpdrop_walk {
	__u64 at;    /* bytes copied */
	__u64 from;  /* address of the next ones */
	__u64 left;  /* bytes there */
	__u64 next;  /* address of the fragment that follows */
	__u64 count; /* fragments from that one on */
};

struct xdpdrop_gathered {
	struct xdpdrop_walk walk;
	__u64 address; /* of the bytes, a plain number to the verifier */
	__u8 bytes[XDPDROP_GATHER_MAX + XDPDROP_GATHER_STEP];
};

/* Two addresses of the kernel's memory; see gather.bpf.h. */
struct xdpdrop_memory_map {
	__u64 first_struct_page;
	__u64 first_page;
};

_Static_assert(sizeof(struct xdpdrop_counters) == 64, "one cache line");
_Static_assert(XDPDROP_MAX_POINTS == 256, "a record's capture point is a byte");

#endif
