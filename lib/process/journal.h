/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What is armed, record by record, and how that goes over a socket that keeps messages apart. Both
 * ends are of one build.
 */
#ifndef XDPDROP_PROCESS_JOURNAL_H
#define XDPDROP_PROCESS_JOURNAL_H

#include <sys/types.h>

#include "xdp/hook_slots.h"
#include "xdp/member.h"
#include "xdp/wrapper.h"

enum journal_kind {
	JOURNAL_WITHDRAWN, /* the record with this number is no longer true */
	JOURNAL_LEASE,	   /* to be extended; ended when the capture is dead */
	JOURNAL_CONTROL,   /* the process that writes, which the capture's reader may want to end */
	JOURNAL_HOOK,	   /* from here on: what is undone */
	JOURNAL_WRAPPER,
	JOURNAL_MEMBER,
};

/* Descriptors are those of the process that has the record. */
struct journal_record {
	enum journal_kind kind;
	union {
		struct {
			int lease_fd, control_fd;
			pid_t pid; /* of the process that created them */
		} lease;
		struct {
			int socket; /* between it and the reader: its end */
			pid_t pid;
		} control;
		struct hook_slots hook;
		struct wrapper wrapper;
		struct member member;
	};
};

struct journal_entry {
	__u32 number; /* never 0 */
	struct journal_record record;
};

/* In the order in which they were written; that in which they are undone is the reverse. */
struct journal {
	unsigned int count;
	struct journal_entry *entry;
};

/* Add @record, or put it in the place of the one with this number. 0 or -ENOMEM. */
int journal_put(struct journal *journal, __u32 number, const struct journal_record *record);

/* The record with this number, NULL: there is none. */
struct journal_record *journal_find(const struct journal *journal, __u32 number);

void journal_remove(struct journal *journal, __u32 number);
void journal_free(struct journal *journal);

/* Close the descriptors of @record. */
void journal_close(struct journal_record *record);

/* Send one message, without waiting. Errors: -EAGAIN there is no room; sendmsg()'s. */
int journal_send(int socket, __u32 number, const struct journal_record *record);

/*
 * Receive one, without waiting; its descriptors are the caller's. Errors: -EAGAIN there is none,
 * -ENODATA the other end is closed, -EBADMSG it is not a whole one; recvmsg()'s.
 */
int journal_receive(int socket, __u32 *number, struct journal_record *record);

#endif
