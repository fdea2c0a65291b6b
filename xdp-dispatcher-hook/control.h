/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-only */
/*
 * What the kernel programs and the library share besides records: the control page, the
 * counters, and the names by which one capture recognises what another left behind.
 */
#ifndef XDPDROP_CONTROL_H
#define XDPDROP_CONTROL_H

#include <linux/types.h>

#define XDPDROP_CONTROL_MAGIC 0x78647064 /* "xdpd" */
#define XDPDROP_CONTROL_VERSION 2

/* What a record's field for it can hold. */
#define XDPDROP_MAX_SAMPLE 65535

/*
 * Hooks and programs that one capture session can tell apart: as many as a record's byte can name.
 * Their counters take 16 KiB for each possible CPU.
 */
#define XDPDROP_MAX_POINTS 256

/* One page, mapped by the session: written by user space, read by the kernel programs. */
struct xdpdrop_control {
	__u32 magic;
	__u32 version;
	__u64 deadline;		/* ns of bpf_ktime_get_ns(); past it frames are not captured */
	__u32 snaplen;		/* bytes of a frame to copy, 1..XDPDROP_MAX_CAPLEN */
	__u32 watermark;	/* bytes put into a ring between two wakeups of the reader */
	__u64 lease_loaded;	/* when the lease's program was loaded, as the kernel recorded it */
	__u64 pid_ns;		/* owner: inode of its pid namespace */
	__u32 pid;		/* owner, as numbered in that namespace */
	__u32 sample;		/* one in this many frames is captured, 1..XDPDROP_MAX_SAMPLE */
	__u64 deadline_jiffies; /* the same; past it frames count as lost, 0: not at all */
	__u32 lease_id;		/* of that program, which the owner has open; 0: there is none */
	__u32 reserved;
};

/* One cache line per capture point and CPU; index = capture point * possible CPUs + CPU. */
struct xdpdrop_counters {
	__u64 seen;	   /* frames that reached an armed program */
	__u64 filtered;	   /* did not match the filter */
	__u64 sampled_out; /* left out by sampling */
	__u64 limited;	   /* left out by a rate limit */
	__u64 lost;	   /* no room in the ring, or no ring for this CPU */
	__u64 captured;	   /* put into the ring */
	__u64 bytes;	   /* original bytes of seen frames */
	__u32 lost_told;   /* low half of the lost frames that records report */
	__u32 unused;
};

/* Interfaces that one session captures. */
#define XDPDROP_MAX_IFACES 8

/* Interfaces on which the kernel runs the program of one above them: a bond's slaves. */
#define XDPDROP_MAX_LOWER 31

/* Interfaces that one hook's programs know: one with all its lower ones, or several. */
#define XDPDROP_MAX_DEVICES (XDPDROP_MAX_LOWER + 1)

/*
 * A program, and so a hook, may run on several interfaces. One table per hook has those that are
 * recorded, and as what. The table is mapped: an interface changes by one 8-byte store, which the
 * kernel's update of a map does not promise.
 */
union xdpdrop_iface {
	struct {
		__u32 ifindex; /* 0: free */
		__u32 point;
	};
	__u64 whole;
};

struct xdpdrop_iface_map {
	__u32 used;	 /* entries behind these have always been free */
	__u32 link_type; /* that the programs' filter is made for */
	union xdpdrop_iface iface[XDPDROP_MAX_DEVICES];
};

/*
 * A capture program contains "r0 = XDPDROP_NETNS_MARK" once, and behind it room for instructions
 * that add nothing to r0. Left alone it means that the frame's network namespace is not known. The
 * library replaces all of them by code that finds the number of it: r1 is the context, r0 the
 * result, r1 to r5 are clobbered.
 */
#define XDPDROP_NETNS_MARK 0x7864706e /* "xdpn" */
#define XDPDROP_NETNS_INSNS 5

/*
 * Where the exit tap puts together a frame in fragments: in steps of at most one page, so that
 * the verifier sees that they end within the room. The most steps: one for each fragment
 * (MAX_SKB_FRAGS is at most 45), the linear part, and each whole page.
 */
#define XDPDROP_GATHER_MAX 65536
#define XDPDROP_GATHER_STEP 4096
#define XDPDROP_GATHER_STEPS (45 + 1 + XDPDROP_GATHER_MAX / XDPDROP_GATHER_STEP)

/* Not on a stack: of what is in a map, verifiers do not follow each possible value. */
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

/* How the kernel numbers its memory; see gather.bpf.h. */
struct xdpdrop_memory_map {
	__u64 first_struct_page;
	__u64 first_page;
};

_Static_assert(sizeof(struct xdpdrop_counters) == 64, "one cache line");
_Static_assert(XDPDROP_MAX_POINTS == 256, "a record's capture point is a byte");

#endif
