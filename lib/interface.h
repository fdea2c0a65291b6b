/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: what is attached to interfaces and how their frames would be captured, and changes to
 * that without a capture: remove what dead sessions left, load, unload. See xdpdrop.h for what
 * holds for all functions, and libxdpdrop(3).
 *
 * @session has the log and the network namespace. It has not been activated. Callbacks run in the
 * calling thread and in that namespace.
 */
#ifndef XDPDROP_INTERFACE_H
#define XDPDROP_INTERFACE_H

#include "xdpdrop.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Check each tap on @ifname, without a change to the interface. @fn gets one line per tap with the
 * result, then one line with the tap that xdpdrop_activate() would choose, and lines for its hooks.
 * @opts may be NULL. Returns 0 if a tap works, otherwise the error of xdpdrop_activate().
 * Since: 0.1
 */
int xdpdrop_explain(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts,
		    xdpdrop_line_fn fn, void *data);

/*
 * One line per interface: its name, what is attached to it and which taps would work; then lines
 * for its hooks. Errors: -EPERM. Since: 0.1
 */
int xdpdrop_list(struct xdpdrop *session, xdpdrop_line_fn fn, void *data);

/*
 * xdp-loader's table of interfaces and programs, with hooks, the captures that use them, and
 * whether these are alive. @ifname NULL: all interfaces. Errors: -ENODEV, -EPERM; -ESTALE, after
 * the table: a wrapper has lost the program that it wrapped. Since: 0.1
 */
int xdpdrop_status(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/*
 * Kernel features, found by probes, and if @ifname is not NULL which taps would work there and why
 * others would not. Errors: -ENODEV, -EPERM. Since: 0.1
 */
int xdpdrop_features(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/*
 * What xdpdrop_inspect() finds. All of it belongs to the library and is gone when the callback
 * returns; lists end with NULL. Later versions add fields at the ends of the structures.
 */

/* One tap at one interface. Since: 0.2 */
struct xdpdrop_tap_info {
	const char *name;
	bool works;
	bool chosen;	 /* a capture would use it now, maybe together with others */
	const char *why; /* it does not work; NULL: it works */
};

/* A program that runs for frames of an interface. Since: 0.2 */
struct xdpdrop_program_info {
	const char *name;
	__u32 id;
	bool root;	   /* attached to the interface itself */
	bool member;	   /* of libxdp's dispatcher */
	__u32 caller_id;   /* of a program that tail-calls it or redirects to it; 0: none */
	const char *entry; /* "cpumap NAME", "devmap NAME" in which it is, or NULL */
	__u32 owner_pid;   /* of the capture whose wrapper or tag member it is; 0: none's */
	bool owner_alive;
};

/* A hook in one of these programs. Since: 0.2 */
struct xdpdrop_hook_info {
	const char *name;
	__u32 id;		    /* of its map */
	__u32 program_id;	    /* the first program that has it */
	bool tags;		    /* of a tag member */
	__u32 owner_pid;	    /* of the capture that has it; 0: none */
	bool owner_alive;	    /* otherwise the next capture takes it over */
	__u32 other_id;		    /* of another tool's program in one of its slots; 0: none */
	const char *const *reasons; /* names, by number */
};

/* An interface. Since: 0.2 */
struct xdpdrop_interface {
	size_t size; /* of this structure in the library */
	const char *name;
	const char *netns; /* name of its network namespace, where all are looked at; else NULL */
	__u32 ifindex;
	const char *mode;  /* "native", "generic", "offloaded", "several modes"; NULL: no program */
	const char *upper; /* the bond, for example, whose program runs here; or NULL */
	const struct xdpdrop_tap_info *const *taps;
	const struct xdpdrop_program_info *const *programs;
	const struct xdpdrop_hook_info *const *hooks;
	__u32 link_type; /* LINKTYPE_... of its frames, as in a pcap file */
};

/*
 * What xdpdrop_list(), xdpdrop_status() and xdpdrop_explain() show, as data: call @fn for each
 * interface that @ifname lists, NULL: for each of the network namespace. @opts may be NULL. Changes
 * nothing. Errors: -ENODEV, -EPERM, -EINVAL options, -ENOMEM. Since: 0.2
 */
typedef void (*xdpdrop_interface_fn)(void *data, const struct xdpdrop_interface *interface);
int xdpdrop_inspect(struct xdpdrop *session, const char *ifname, const struct xdpdrop_opts *opts,
		    xdpdrop_interface_fn fn, void *data);

/* Something that kernels may lack. Since: 0.2 */
struct xdpdrop_feature {
	const char *name;
	bool works;
	const char *needed_by; /* what cannot be done without it */
};

/* What xdpdrop_features() shows of the kernel, as data. Errors: -EPERM. Since: 0.2 */
typedef void (*xdpdrop_feature_fn)(void *data, const struct xdpdrop_feature *feature);
int xdpdrop_probe(struct xdpdrop *session, xdpdrop_feature_fn fn, void *data);

/*
 * Remove what killed captures have left: programs in hooks, wrappers, tag members, pins. Nothing of
 * a live capture or of another tool is changed. @ifname NULL: everywhere in this network namespace.
 * One line for each removed object; @fn may be NULL. Returns their number, or -errno: -ENODEV,
 * -EPERM, or the first error of a removal, after the others. Since: 0.1
 */
int xdpdrop_clean(struct xdpdrop *session, const char *ifname, xdpdrop_line_fn fn, void *data);

/* What to load. Zero in a field means its default. Since: 0.1 */
struct xdpdrop_load_opts {
	size_t size;	     /* sizeof(struct xdpdrop_load_opts), for extension */
	const char *object;  /* path, or the name of a file in the BPF object directory */
	const char *program; /* name of the program in it; default: its first */
	const char *mode;    /* "native" (default), "skb" or "unspecified" */
	const char *pin_dir; /* directory for maps that the object pins */
	__u32 prio;	     /* libxdp's run_prio; default: that of the object */
	__u32 reserved;	     /* 0 */
};

/*
 * Attach a program to @ifname beside attached ones, as xdp-loader does. Tries again if another
 * process attaches at the same moment. Returns the program's id, or -errno: -EINVAL options, not
 * logged; -ENODEV no such interface, -ENOENT no such object or program, -EBUSY a capture has
 * wrapped the program that is there, or that program is attached without libxdp's dispatcher,
 * -EOWNERDEAD a dead session has wrapped it; those of libxdp and the kernel. Since: 0.1
 */
int xdpdrop_load(struct xdpdrop *session, const char *ifname, const struct xdpdrop_load_opts *opts);

/*
 * Detach program @id from @ifname, or with 0 every program whose name begins with "xdpdrop_",
 * and leave the others attached. Returns how many, or -errno: -ENODEV no such interface, -ENOENT
 * none, -EBUSY a capture has wrapped the program that is there, -EOWNERDEAD a dead one has; those
 * of libxdp and the kernel. Since: 0.1
 */
int xdpdrop_unload(struct xdpdrop *session, const char *ifname, __u32 id);

#ifdef __cplusplus
}
#endif

#endif
