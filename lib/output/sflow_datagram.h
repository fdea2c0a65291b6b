/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * One sFlow datagram in memory, in XDR: big-endian words, opaque data padded to words.
 */
#ifndef XDPDROP_OUTPUT_SFLOW_DATAGRAM_H
#define XDPDROP_OUTPUT_SFLOW_DATAGRAM_H

#include "sflow.h"

/* The numbers of the last samples of an interface. */
struct sflow_source {
	__u32 ifindex;
	__u32 flows, discards, counters;
};

/* Zero-initialised means empty. */
struct sflow_datagram {
	__u8 bytes[XDPDROP_SFLOW_DATAGRAM];
	size_t used;
	__u32 samples;
	__u32 sequence; /* of the last finished one */
	bool full;	/* something had no room since the last sample */
	bool discards;	/* of frames; holds while there are samples */
};

void sflow_put_u32(struct sflow_datagram *datagram, __u32 value);
void sflow_put_u64(struct sflow_datagram *datagram, __u64 value);

/* With its length before and padding behind it. */
void sflow_put_opaque(struct sflow_datagram *datagram, const void *bytes, size_t length);

/* Begin a structure of @format, whose enterprise is 0. Returns what sflow_end() needs. */
size_t sflow_begin(struct sflow_datagram *datagram, __u32 format);
void sflow_end(struct sflow_datagram *datagram, size_t begin);

/* Append a sample. -ENOSPC: there is no room, and the datagram is as before. */
int sflow_add_flow(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		   struct sflow_source *source, const struct xdpdrop_sflow_drop *drop);
int sflow_add_discard(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		      struct sflow_source *source, const struct xdpdrop_sflow_drop *drop);
int sflow_add_counters(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent,
		       struct sflow_source *source,
		       const struct xdpdrop_sflow_interface *interface);

/* Before the first sample: leave room for the header. */
void sflow_datagram_open(struct sflow_datagram *datagram, const struct xdpdrop_sflow_agent *agent);

/* Roll back to @used bytes if there was no room, else count the sample. */
int sflow_datagram_commit(struct sflow_datagram *datagram, size_t used);

/* Write the header and begin the next datagram, in the same memory. Returns the bytes of this. */
size_t sflow_datagram_finish(struct sflow_datagram *datagram,
			     const struct xdpdrop_sflow_agent *agent, __u32 uptime_ms);

#endif
