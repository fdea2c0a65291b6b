/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * From records to a capture file: the one table of functions that both formats fill.
 * A writer appends to a buffer and depends on no rings, capture points or files.
 */
#ifndef XDPDROP_OUTPUT_WRITER_H
#define XDPDROP_OUTPUT_WRITER_H

#include <linux/types.h>
#include <stdbool.h>

#include <xdpdrop/record.h>

#include "output/buffer.h"

/* The whole file. Strings are borrowed for the call of begin(); any may be NULL. */
struct writer_file {
	const char *hardware;	 /* pcapng shb_hardware */
	const char *os;		 /* pcapng shb_os */
	const char *application; /* pcapng shb_userappl */
	const char *comment;	 /* pcapng opt_comment of the section */
	__u32 snaplen;
	__u16 link_type;  /* pcap: of all frames */
	bool nanoseconds; /* pcap: nanosecond magic */
};

/* One pcapng interface; its number is the order of the calls. */
struct writer_interface {
	const char *name;	 /* if_name */
	const char *description; /* if_description */
	__u32 snaplen;		 /* one for all: libpcap gives up where they differ */
	__u16 link_type;
	__u64 speed; /* if_speed, bits per second; 0: not known, left out */
};

/* What a record's header does not say. */
struct writer_packet {
	__u32 interface;    /* pcapng: number of the interface it comes from */
	__u64 realtime;	    /* ns since the epoch */
	__u64 dropcount;    /* frames lost before it of which no other packet tells */
	__u64 id;	    /* epb_packetid */
	const char *reason; /* opt_comment: reason and rule, NULL: none */
	const char *sample; /* another opt_comment, NULL: none */
	const char *device; /* likewise */
};

/* Times in ns since the epoch. */
struct writer_counts {
	__u64 start, end;
	__u64 received;		     /* isb_ifrecv: frames that reached the capture point */
	__u64 dropped;		     /* isb_ifdrop: frames lost */
	__u64 delivered;	     /* isb_usrdeliv: frames written */
	__u64 accepted;		     /* isb_filteraccept: frames that the filter let through */
	const char *const *comments; /* opt_comment, ends with NULL; NULL: none */
};

/* Each returns 0 or -errno (the buffer's sticky error). NULL members: the format has none. */
struct writer_ops {
	const char *name;
	int (*begin)(struct buffer *out, const struct writer_file *file);
	int (*interface)(struct buffer *out, const struct writer_interface *interface);
	int (*packet)(struct buffer *out, const struct writer_file *file,
		      const struct xdpdrop_record *record, const struct writer_packet *packet);
	int (*counts)(struct buffer *out, __u32 interface, const struct writer_counts *counts);
};

extern const struct writer_ops writer_pcap;
extern const struct writer_ops writer_pcapng;

#endif
