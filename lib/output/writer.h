/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Writes records in the format of a capture file: the table of functions for both formats.
 *
 * A writer appends to a buffer. It does not use rings, capture points or files.
 */
#ifndef XDPDROP_OUTPUT_WRITER_H
#define XDPDROP_OUTPUT_WRITER_H

#include <linux/types.h>
#include <stdbool.h>

#include <xdpdrop/record.h>

#include "output/buffer.h"
#include "output/text.h"

/* Properties of the file. Strings are borrowed during begin() and may be NULL. */
struct writer_file {
	const char *hardware;	 /* pcapng shb_hardware */
	const char *os;		 /* pcapng shb_os */
	const char *application; /* pcapng shb_userappl */
	const char *comment;	 /* pcapng opt_comment of the section */
	__u32 snaplen;
	__u16 link_type;  /* pcap: link type of all frames */
	bool nanoseconds; /* pcap: nanosecond magic */
	bool no_verdict;  /* pcapng: opt_comment instead of epb_verdict */
};

/* One pcapng interface. Interfaces are numbered in the order of the calls. */
struct writer_interface {
	const char *name;	 /* if_name */
	const char *description; /* if_description */
	__u32 snaplen; /* equal for all interfaces: libpcap refuses a file with different ones */
	__u16 link_type;
	__u64 speed; /* if_speed, bits per second; 0: unknown, omitted */
};

/* Data of a packet that is not in the record. */
struct writer_packet {
	const void *data;	 /* record->caplen bytes */
	__u32 interface;	 /* pcapng: number of its interface */
	__u64 realtime;		 /* ns since the epoch */
	__u64 dropcount;	 /* lost frames that no earlier packet reports */
	__u64 id;		 /* epb_packetid */
	struct text reason;	 /* opt_comment: reason and rule, ready */
	const char *sample;	 /* second opt_comment, NULL: none */
	const char *device;	 /* third opt_comment, NULL: none */
	const char *const *kept; /* further comments, ends with NULL; NULL: none */
};

/* Times in ns since the epoch. */
struct writer_counts {
	__u64 start, end;
	__u64 received;		     /* isb_ifrecv: frames that reached the capture point */
	__u64 dropped;		     /* isb_ifdrop: frames lost */
	__u64 delivered;	     /* isb_usrdeliv: frames written */
	__u64 accepted;		     /* isb_filteraccept: frames that matched the filter */
	const char *note;	     /* opt_comment, NULL: none */
	const char *const *comments; /* more of them, ends with NULL; NULL: none */
};

/*
 * Each function returns 0 or -errno, the buffer's sticky error. NULL: the format has no such data.
 */
struct writer_ops {
	const char *name;
	int (*begin)(struct buffer *out, const struct writer_file *file);
	int (*interface)(struct buffer *out, const struct writer_interface *interface);
	int (*packet)(struct buffer *out, const struct writer_file *file,
		      const struct xdpdrop_record *record, const struct writer_packet *packet);
	int (*counts)(struct buffer *out, __u32 interface, const struct writer_counts *counts);
	/* Set the interface of a packet that is written: @block is all that packet() has added. */
	void (*renumber)(char *block, __u32 interface);
};

extern const struct writer_ops writer_pcap;
extern const struct writer_ops writer_pcapng;

#endif
