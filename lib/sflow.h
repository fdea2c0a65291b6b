/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxdpdrop: sFlow version 5. Encodes records of a capture, and counters of interfaces, as
 * datagrams for a collector. Sending them is up to the application.
 *
 * An encoder needs no session and no privileges, makes no system calls, and belongs to one thread
 * at a time. See xdpdrop.h for what holds for all functions, and libxdpdrop(3).
 */
#ifndef XDPDROP_SFLOW_H
#define XDPDROP_SFLOW_H

#include "xdpdrop.h"

#ifdef __cplusplus
extern "C" {
#endif

#define XDPDROP_SFLOW_DATAGRAM 1400	  /* most bytes of a datagram. Since: 0.2 */
#define XDPDROP_SFLOW_HEADER 128	  /* most bytes of a frame in a sample. Since: 0.2 */
#define XDPDROP_SFLOW_XDP 367		  /* drop code: dropped by XDP. Since: 0.2 */
#define XDPDROP_SFLOW_MAX_CODE 0x3fffffff /* Since: 0.2 */

/* An encoder; opaque. Since: 0.2 */
struct xdpdrop_sflow;

/* Who sends. Since: 0.2 */
struct xdpdrop_sflow_agent {
	size_t size;	  /* sizeof(struct xdpdrop_sflow_agent), for extension */
	int family;	  /* of the address: AF_INET or AF_INET6 */
	__u8 address[16]; /* network byte order; AF_INET: the first 4 bytes */
	__u32 sub_agent;
	/*
	 * Frames as discarded_packet (0,5), in datagrams without other samples. False: as
	 * flow_sample (0,1), which every collector decodes.
	 */
	bool discard;
};

/* A captured frame. Since: 0.2 */
struct xdpdrop_sflow_drop {
	size_t size; /* sizeof(struct xdpdrop_sflow_drop), for extension */
	const struct xdpdrop_record *record;
	__u32 link_type;     /* LINKTYPE_... of the frame */
	const char *program; /* NULL: unknown */
	const char *reason;  /* name; NULL: the number */
	__u32 code;	     /* why, up to XDPDROP_SFLOW_MAX_CODE: XDPDROP_SFLOW_XDP or another */
	__u64 pool;	     /* frames so far, of this interface, of which one could be a sample */
	__u64 drops;	     /* of these, samples that were lost */
};

/* Counters of an interface, as in RFC 2863. Since: 0.2 */
struct xdpdrop_sflow_interface {
	size_t size; /* sizeof(struct xdpdrop_sflow_interface), for extension */
	__u32 ifindex;
	__u32 type;	 /* ifType: 6 for Ethernet */
	__u64 speed;	 /* bits per second; 0: unknown */
	__u32 direction; /* 0 unknown, 1 full-duplex, 2 half-duplex */
	bool admin_up, oper_up, promiscuous;
	__u64 in_octets, out_octets;
	__u32 in_unicast, in_multicast, in_broadcast, in_discards, in_errors, in_unknown;
	__u32 out_unicast, out_multicast, out_broadcast, out_discards, out_errors;
};

/*
 * Create an encoder. On success *encoder is the caller's, to be given to xdpdrop_sflow_free().
 * Errors: -EINVAL, -ENOMEM. Since: 0.2
 */
int xdpdrop_sflow_new(struct xdpdrop_sflow **encoder, const struct xdpdrop_sflow_agent *agent);

/* NULL is allowed. Since: 0.2 */
void xdpdrop_sflow_free(struct xdpdrop_sflow *encoder);

/*
 * Append a sample to the datagram: the first bytes of the frame; program, reason and rule as
 * extended_acl (0,1037); the program as extended_function (0,1038). Errors: -ENOSPC: the datagram
 * has no room for it, or has samples of another kind: finish it and call again; -ERANGE: sFlow
 * cannot express the ifindex; -EINVAL: the code, or the record is of an exception; -ENOMEM.
 * Since: 0.2
 */
int xdpdrop_sflow_add_drop(struct xdpdrop_sflow *encoder, const struct xdpdrop_sflow_drop *drop);

/* Append generic interface counters (0,1). Errors: like xdpdrop_sflow_add_drop(). Since: 0.2 */
int xdpdrop_sflow_add_interface(struct xdpdrop_sflow *encoder,
				const struct xdpdrop_sflow_interface *interface);

/*
 * Complete the datagram; the next sample begins another one. Returns its bytes, 0: there are no
 * samples. *datagram is valid until the next call with @encoder. @uptime_ms: milliseconds since the
 * agent started. Since: 0.2
 */
size_t xdpdrop_sflow_finish(struct xdpdrop_sflow *encoder, __u32 uptime_ms, const void **datagram);

/*
 * The sFlow drop code of @record: that of its rule, else that of its reason, in the file of
 * xdpdrop_opts.reasons; else XDPDROP_SFLOW_XDP. Since: 0.2
 */
__u32 xdpdrop_sflow_code(const struct xdpdrop *session, const struct xdpdrop_record *record);

#ifdef __cplusplus
}
#endif

#endif
